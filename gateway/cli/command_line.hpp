// What the arguments of the program say: which command, with which options. Pure.
#pragma once

#include <memory>
#include <span>
#include <string>

#include "gateway/cli/contract/command.hpp"

namespace signalbox {

struct CommandLine {
  enum class Wish : std::uint8_t {
    run,           // the command
    help,          // of the command, or of the program
    help_all,      // of all commands
    tell_version,  // of the program
    nothing,       // `mistake` says why
  };
  Wish wish = Wish::nothing;
  const Command* command = nullptr;  // as far as it was understood; never null with Wish::run
  CommonOptions common;
  std::shared_ptr<void> options;  // the command's own, as its action takes them
  std::string mistake;            // one line, with what may have been meant
};

// `arguments` without the program's name. Never throws for what they say.
CommandLine parse_command_line(std::span<const std::string> arguments);

}  // namespace signalbox
