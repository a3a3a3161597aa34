// The manual page, from the tree of commands, in man(7)'s macros. Pure; docs/man/signalbox.1 is
// what it gives, and a test compares the two.
#pragma once

#include <string>

#include "gateway/cli/command_tree.hpp"

namespace signalbox {

std::string man_page(const CommandLine& line);

}  // namespace signalbox
