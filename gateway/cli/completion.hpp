// Completion for bash, from the tree of commands. Pure.
#pragma once

#include <string>

#include "gateway/cli/command_tree.hpp"

namespace signalbox {

// A script for bash 4.2 and later that needs nothing else, bash-completion included. Names of
// connectors and samples stand in it; agents, sources and topics are those of the configuration,
// which it asks for by `signalbox names`.
std::string bash_completion(const CommandLine& line);

}  // namespace signalbox
