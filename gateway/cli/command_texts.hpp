// What the commands are for, in words: the one place that `--help`, the man page and their tests
// read. How a command is called stands in command_tree.cpp.
#pragma once

#include <array>
#include <span>
#include <string_view>

namespace signalbox {

struct Example {
  std::string_view command;  // as typed; a test parses each
  std::string_view why;
};

struct CommandText {
  std::string_view name;
  std::string_view group;             // empty: hidden
  std::string_view what;              // one line
  std::string_view details;           // what one should know; may be empty
  std::array<Example, 3> examples{};  // the first may be all
};

struct NamedText {
  std::string_view name;
  std::string_view text;
};

// In the order in which help shows them; commands of a group stand together.
std::span<const CommandText> command_texts() noexcept;
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
