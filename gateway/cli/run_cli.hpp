// The command line: reads argv, runs one command, returns its exit status (command_result.hpp).
#pragma once

#include <span>
#include <string>

#include "event/clock.hpp"
#include "gateway/cli/screen/terminal.hpp"
#include "gateway/config/config.hpp"

namespace signalbox {

// Call from the main thread: `serve` runs in it. Never throws.
int run_cli(int argc, char** argv);

// The same with everything that it takes from the process given. `arguments` without the program's
// name.
int run_cli(std::span<const std::string> arguments, Terminal& terminal, Environment process,
            Time now);

}  // namespace signalbox
