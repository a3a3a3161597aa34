// `signalbox serve`: the composition root. Everything is made here and given by reference.
#pragma once

#include <memory>

#include "gateway/config.hpp"

namespace signalbox {

// Runs until SIGTERM or SIGINT, then drains. Returns the process's exit status: 0 after a clean
// drain, 1 when the gateway could not start or not drain in time. Call from the main thread, once.
int serve(std::shared_ptr<const Config> config);

}  // namespace signalbox
