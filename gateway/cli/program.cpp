#include "gateway/cli/program.hpp"

#include <fmt/format.h>

#include "rules/source/diagnostic.hpp"

// The commands, one row each, in the order in which help shows them; those of a group stand
// together.
// clang-format off
#define SIGNALBOX_COMMANDS(row) \
  row(serve) row(reload) row(check) row(test) row(schema) row(doctor) \
  row(inbox) row(receive) row(message) row(ack) row(nack) row(extend) row(release) row(dead) row(redrive) \
  row(send) \
  row(sample) row(events) row(event) row(explain) row(refused) row(replay) row(rules) row(eval) \
  row(help) row(version) row(completion) row(man) row(names)
// clang-format on

namespace signalbox {

namespace commands {
#define SIGNALBOX_DECLARE_COMMAND(name) extern const Command name;
SIGNALBOX_COMMANDS(SIGNALBOX_DECLARE_COMMAND)
}  // namespace commands

namespace {

#define SIGNALBOX_POINT_TO_COMMAND(name) &commands::name,
constexpr auto command_rows =
    std::to_array<const Command*>({SIGNALBOX_COMMANDS(SIGNALBOX_POINT_TO_COMMAND)});

constexpr std::array<Option, 6> common_rows{{
    {.name = "--config",
     .value = value::file,
     .help = "Configuration of the installation",
     .into = into<&CommonOptions::config>},
    {.name = "--env-file",
     .value = value::file,
     .help = "File of NAME=value lines; the environment wins",
     .into = into<&CommonOptions::env_file>},
    {.name = "--url",
     .value = {"URL"},
     .help = "Private listener of the server",
     .into = into<&CommonOptions::url>},
    {.name = "--ca-file",
     .value = value::file,
     .help = "Certificates to trust with an https server",
     .into = into<&CommonOptions::ca_file>},
    {.name = "--token-file",
     .value = value::file,
     .help = "File with the token; never an argument",
     .into = into<&CommonOptions::token_file>},
    {.name = "--json",
     .help = "JSON instead of text for people",
     .into = into<&CommonOptions::json>},
}};

constexpr std::array<NamedText, 10> environment{{
    {"SIGNALBOX_URL", "Private listener of the server, as http://127.0.0.1:8081"},
    {"SIGNALBOX_TOKEN", "Token of an agent or an operator"},
    {"SIGNALBOX_CA_FILE", "Certificates (PEM) to trust with an https server"},
    {"SIGNALBOX_CLIENT_CERTIFICATE", "Certificate (PEM) to show to an https server that asks"},
    {"SIGNALBOX_CLIENT_KEY", "Its private key (PEM)"},
    {"SIGNALBOX_CONFIG", "Configuration file of the installation"},
    {"SIGNALBOX_ENV_FILE", "File of NAME=value lines with secrets and tokens"},
    {"SIGNALBOX__SECTION__KEY", "A key of the configuration, as SIGNALBOX__API__LISTEN"},
    {"XDG_CONFIG_HOME", "Where the user's profile is; default ~/.config"},
    {"NO_COLOR", "No colours, if set"},
}};

constexpr std::array<NamedText, 5> exit_statuses{{
    {"0", "good"},
    {"1", "findings, or the server refused"},
    {"2", "the command line or the configuration is wrong"},
    {"3", "the server cannot be reached"},
    {"4", "the receipt or claim is not held any more"},
}};

}  // namespace

std::span<const Command* const> all_commands() noexcept { return command_rows; }

const Command* find_command(std::string_view name) noexcept {
  const auto found = std::find_if(command_rows.begin(), command_rows.end(),
                                  [&](const Command* command) { return command->name == name; });
  return found == command_rows.end() ? nullptr : *found;
}

std::string unknown_command(std::string_view name) {
  std::vector<std::string_view> names;
  for (const Command* command : all_commands()) {
    if (!command->group.empty()) names.push_back(command->name);
  }
  return fmt::format("unknown command '{}'{}", name, did_you_mean(name, names));
}

std::span<const Option> common_options() noexcept { return common_rows; }
std::span<const NamedText> environment_texts() noexcept { return environment; }
std::span<const NamedText> exit_status_texts() noexcept { return exit_statuses; }

}  // namespace signalbox
