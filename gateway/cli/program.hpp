// The program as a whole: its commands, one row each, what all of them have, and what is said of it
// beside them. All immutable.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "gateway/cli/contract/command.hpp"

namespace signalbox {

// They stand in the order in which help shows them, those of a group together.
std::span<const Command* const> all_commands() noexcept;

// Finds a command by its name; null where there is none.
const Command* find_command(std::string_view name) noexcept;

// "unknown command 'recieve'; did you mean 'receive'?"
std::string unknown_command(std::string_view name);

// Every command has these; they fill a CommonOptions.
std::span<const Option> common_options() noexcept;

// Answered by the program itself, so that no command has to.
inline constexpr Option help_option{
    .name = "--help", .letter = "-h", .help = "Help; behind a command, of that command"};
inline constexpr Option help_all_option{.name = "--help-all", .help = "Help of all commands"};
inline constexpr Option version_option{
    .name = "--version", .letter = "-V", .help = "Print the version"};

struct NamedText {
  std::string_view name;
  std::string_view text;
};
std::span<const NamedText> environment_texts() noexcept;
std::span<const NamedText> exit_status_texts() noexcept;

inline constexpr std::string_view about_text =
    "Signalbox routes signed webhooks to coding agents as coordination messages.";
inline constexpr std::string_view installation_text =
    "The configuration is the first of --config, SIGNALBOX_CONFIG, ./signalbox.yaml, that of the "
    "user's profile (~/.config/signalbox/profile.yaml, which deploy/run writes) and "
    "/etc/signalbox/signalbox.yaml. The server and the token are those of the flags, then of "
    "SIGNALBOX_URL and SIGNALBOX_TOKEN, then of the configuration: so on the gateway's machine "
    "nothing has to be exported, and elsewhere two variables are enough. A token is never an "
    "argument, since `ps` shows those.";

}  // namespace signalbox
