// completion: a script for bash, made from the rows of the commands.
#include <fmt/format.h>

#include <algorithm>

#include "connectors/connector.hpp"
#include "connectors/samples/samples.hpp"
#include "gateway/cli/pages.hpp"

namespace signalbox {
namespace {

constexpr std::string_view opening = R"(# bash completion for signalbox
# Made by `signalbox completion bash`; source it, or store it as
# ~/.local/share/bash-completion/completions/signalbox

# Agents, sources or topics of the configuration that this command line names.
_signalbox_names() {
  local index given=()
  for ((index = 1; index < COMP_CWORD; ++index)); do
    case ${COMP_WORDS[index]} in
      --config | --env-file) given+=("${COMP_WORDS[index]}" "${COMP_WORDS[index + 1]/#\~/$HOME}") ;;
    esac
  done
  "${COMP_WORDS[0]/#\~/$HOME}" names "$1" "${given[@]}" 2>/dev/null
}

_signalbox_offer() {
  mapfile -t COMPREPLY < <(compgen -W "$1" -- "$current")
}

_signalbox_files() {
  compopt -o filenames 2>/dev/null
  mapfile -t COMPREPLY < <(compgen -f -- "$current")
}

)";

// Reads the line up to the cursor: which command, which of its arguments.
constexpr std::string_view reading = R"(_signalbox() {
  local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]}
  local command='' position=0 index word first=''
  COMPREPLY=()
  for ((index = 1; index < COMP_CWORD; ++index)); do
    word=${COMP_WORDS[index]}
    if [[ $word == -* ]]; then
      _signalbox_takes_value "$word" && ((++index))
    elif [[ -z $command ]]; then
      command=$word
    else
      ((position++ == 0)) && first=$word
    fi
  done
)";

constexpr std::string_view closing = R"(}

complete -F _signalbox signalbox
)";

std::string joined_words(std::span<const std::string_view> words) {
  return fmt::format("{}", fmt::join(words, " "));
}

std::string sample_names(std::string_view connector) {
  std::vector<std::string_view> names;
  for (std::string_view type : sample_types(connector)) {
    names.push_back(type.substr(connector.size() + 1));
  }
  return joined_words(names);
}

std::string offer_names(std::string_view what) {
  return fmt::format("_signalbox_offer \"$(_signalbox_names {})\"", what);
}

std::string sample_case() {
  std::string out = "case $first in\n";
  for (const Connector* connector : all_connectors()) {
    out += fmt::format("          {}) _signalbox_offer '{}' ;;\n", connector->name,
                       sample_names(connector->name));
  }
  return out + "        esac";
}

std::string all_connector_names() {
  std::vector<std::string_view> names;
  for (const Connector* connector : all_connectors()) names.push_back(connector->name);
  return joined_words(names);
}

std::string all_sample_types() {
  std::vector<std::string_view> names;
  for (const Connector* connector : all_connectors()) {
    const auto types = sample_types(connector->name);
    names.insert(names.end(), types.begin(), types.end());
  }
  return joined_words(names);
}

// The command that offers a value; empty for what nobody can know.
std::string offer_of(const OptionValue& taken) {
  switch (taken.offer) {
    case Offer::nothing:
      return {};
    case Offer::words:
      return taken.words.find(' ') == std::string_view::npos
                 ? fmt::format("_signalbox_offer {}", taken.words)
                 : fmt::format("_signalbox_offer '{}'", taken.words);
    case Offer::files:
      return "_signalbox_files";
    case Offer::agents:
      return offer_names("agents");
    case Offer::sources:
      return offer_names("sources");
    case Offer::recipients:
      return offer_names("recipients");
    case Offer::connectors:
      return fmt::format("_signalbox_offer '{}'", all_connector_names());
    case Offer::event_types:
      return fmt::format("_signalbox_offer '{}'", all_sample_types());
    case Offer::sample_types:
      return sample_case();
  }
  return {};
}

std::vector<std::string_view> names_of(const Option& row) {
  if (row.letter.empty()) return {row.name};
  return {row.letter, row.name};
}

std::string option_words(std::span<const Option> before, std::span<const Option> rows) {
  std::vector<std::string_view> words;
  for (const auto& list : {before, rows}) {
    for (const Option& row : list) {
      const auto names = names_of(row);
      words.insert(words.end(), names.begin(), names.end());
    }
  }
  return joined_words(words);
}

std::string program_words() {
  return option_words(std::array{help_option, help_all_option, version_option}, common_options());
}

std::string commands_shown() {
  std::vector<std::string_view> words;
  for (const Command* command : all_commands()) {
    if (!command->group.empty()) words.push_back(command->name);
  }
  return joined_words(words);
}

// "--max | --wait" of all commands: their next word is a value.
std::string valued_options() {
  std::vector<std::string_view> names;
  const auto add = [&](std::span<const Option> rows) {
    for (const Option& row : rows) {
      if (row.takes_value()) names.push_back(row.name);
    }
  };
  add(common_options());
  for (const Command* command : all_commands()) add(options_of(*command));
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  return fmt::format("{}", fmt::join(names, " | "));
}

void add_values(std::string& out, std::string_view command, std::span<const Option> rows) {
  for (const Option& row : rows) {
    if (!row.takes_value()) continue;
    const std::string offer = offer_of(row.value);
    out +=
        fmt::format("    {}:{}) {}; return ;;\n", command, row.name, offer.empty() ? ":" : offer);
  }
}

void add_words(std::string& out, const Command& command) {
  out += fmt::format(
      "    {})\n      if [[ $current == -* ]]; then\n        _signalbox_offer '{} {}'\n",
      command.name, option_words(std::array{help_option}, options_of(command)), program_words());
  std::size_t position = 0;
  for (const Option& row : arguments_of(command)) {
    const std::string offer = offer_of(row.value);
    if (!offer.empty()) {
      out += fmt::format("      elif ((position {} {})); then\n        {}\n",
                         row.takes_many() ? ">=" : "==", position, offer);
    }
    ++position;
  }
  out += "      fi\n      ;;\n";
}

struct CompletionOptions {
  std::string shell;
};

ExitCode run_completion(Invocation& invocation, const CompletionOptions& options) {
  if (options.shell != "bash") {
    return fail(invocation,
                usage_failure(fmt::format("no completion for '{}' (known: bash)", options.shell)));
  }
  invocation.terminal.own_text(bash_completion());
  return ExitCode::good;
}

}  // namespace

std::string bash_completion() {
  std::string out{opening};
  out += fmt::format(
      "_signalbox_takes_value() {{\n  case $1 in\n    {}) return 0 ;;\n  esac\n"
      "  return 1\n}}\n\n",
      valued_options());
  out += reading;
  out += "  case $command:$previous in\n";
  for (const Command* command : all_commands()) {
    add_values(out, command->name, options_of(*command));
  }
  add_values(out, "*", common_options());
  out += "  esac\n  case $command in\n";
  out += fmt::format(
      "    '')\n      if [[ $current == -* ]]; then\n        _signalbox_offer '{}'\n"
      "      else\n        _signalbox_offer '{}'\n      fi\n      ;;\n",
      program_words(), commands_shown());
  for (const Command* command : all_commands()) add_words(out, *command);
  out += "  esac\n";
  return out.append(closing);
}

namespace commands {

extern constinit const Command completion;
constinit const Command completion{
    .name = "completion",
    .group = group::program,
    .summary = "Print the completion script for a shell",
    .details = "Source it in the shell's start file; deploy/run stores it for its user.",
    .examples = {{{"signalbox completion bash", "for bash"}}},
    .json = {{{.what = "the script, with or without `--json`"}}},
    .arguments = {{{.name = "shell",
                    .value = {"SHELL", Offer::words, "bash"},
                    .help = "bash",
                    .into = into<&CompletionOptions::shell>,
                    .required = true}}},
    .action = action<run_completion>,
};

}  // namespace commands
}  // namespace signalbox
