// Help for people, from the tree of commands. Pure.
#pragma once

#include <string>

#include "gateway/cli/command_tree.hpp"
#include "gateway/cli/screen/terminal.hpp"

namespace signalbox {

// An option as it is typed: "--max N", "-h,--help", "[FILE…]".
std::string label_of(const CLI::Option& option);

// How a command is called: "signalbox events [OPTIONS]".
std::string usage_of(const CLI::App& command);

// Own flags first as they were declared; positionals apart.
std::vector<const CLI::Option*> flags_of(const CLI::App& command);
std::vector<const CLI::Option*> positionals_of(const CLI::App& command);

// Of the program, with its commands by group.
std::string help_of_program(const CommandLine& line, const Terminal& terminal);

// Of one command.
std::string help_of_command(const CLI::App& command, const Terminal& terminal);

}  // namespace signalbox
