// `signalbox serve`: the composition root. Everything is made here and given by reference.
#pragma once

#include <functional>

#include "gateway/gateway.hpp"

namespace signalbox {

// Runs until SIGTERM or SIGINT, then drains. Returns the process's exit status: 0 after a clean
// drain, 1 when the gateway could not start or not drain in time. `first` is without error; `load`
// reads the configuration again, from another thread. Call from the main thread, once.
int serve(LoadedConfig first, std::function<LoadedConfig()> load, StartOptions options = {});

}  // namespace signalbox
