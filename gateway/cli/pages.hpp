// What is written from the rows of the commands: help, the manual page, the completion script and
// the tables of docs/CLI.md. Pure.
#pragma once

#include <string>

#include "gateway/cli/program.hpp"
#include "gateway/cli/screen/terminal.hpp"

namespace signalbox {

// An option as it is typed: "--max N", "-h, --help", "[FILE…]".
std::string label_of(const Option& row);

// Its line of help, made now where the row makes it.
std::string help_of(const Option& row);

// How a command is called: "signalbox ack RECEIPT… [OPTION…]".
std::string usage_of(const Command& command);

// Help tells of the program, with its commands by group, of one command, or of all. It fits the
// terminal from 40 columns on, and is never wider than 100, but for words that are.
std::string help_of_program(const Terminal& terminal);
std::string help_of_command(const Command& command, const Terminal& terminal);
std::string help_of_all(const Terminal& terminal);

// The manual page in man(7)'s macros; docs/man/signalbox.1 holds it.
std::string man_page();

// A script for bash 4.2 and later that needs nothing else, bash-completion included. Names of
// connectors and samples stand in it; agents, sources and topics are those of the configuration,
// which it asks for by `signalbox names`.
std::string bash_completion();

// The section of docs/CLI.md between the marks "commands".
std::string commands_markdown();

}  // namespace signalbox
