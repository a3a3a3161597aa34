#include "gateway/cli/completion.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "connectors/connector.hpp"
#include "connectors/samples/samples.hpp"
#include "gateway/cli/command_texts.hpp"
#include "gateway/cli/help.hpp"

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

// What is offered for a value; empty for what nobody can know.
std::string offer_of(const std::string& kind) {
  if (kind == value_name::agent) return offer_names("agents");
  if (kind == value_name::source) return offer_names("sources");
  if (kind == value_name::recipient) return offer_names("recipients");
  if (kind == value_name::file || kind == "EVENT|FILE") return "_signalbox_files";
  if (kind == value_name::report) return "_signalbox_offer 'text json sarif'";
  if (kind == value_name::schema) return "_signalbox_offer 'rules config'";
  if (kind == value_name::shell) return "_signalbox_offer bash";
  if (kind == value_name::outcome) return "_signalbox_offer 'accepted no_match dropped failed'";
  if (kind == value_name::kind) {
    return "_signalbox_offer 'assign progress help answer handoff decision control note'";
  }
  if (kind == value_name::names) return "_signalbox_offer 'agents sources recipients'";
  std::vector<std::string_view> words;
  if (kind == value_name::connector) {
    for (const Connector* connector : all_connectors()) words.push_back(connector->name);
  } else if (kind == value_name::event_type) {
    for (const Connector* connector : all_connectors()) {
      const auto types = sample_types(connector->name);
      words.insert(words.end(), types.begin(), types.end());
    }
  }
  if (words.empty()) return {};
  return fmt::format("_signalbox_offer '{}'", joined_words(words));
}

std::string sample_case() {
  std::string out = "case $first in\n";
  for (const Connector* connector : all_connectors()) {
    out += fmt::format("          {}) _signalbox_offer '{}' ;;\n", connector->name,
                       sample_names(connector->name));
  }
  return out + "        esac";
}

std::vector<std::string> names_of(const CLI::Option& option) {
  std::vector<std::string> names;
  for (const std::string& name : option.get_snames()) names.push_back("-" + name);
  for (const std::string& name : option.get_lnames()) names.push_back("--" + name);
  return names;
}

std::string flag_words(const CLI::App& command) {
  std::string words;
  for (const CLI::Option* flag : flags_of(command)) {
    for (const std::string& name : names_of(*flag)) words += (words.empty() ? "" : " ") + name;
  }
  return words;
}

std::string commands_shown() {
  std::string words;
  for (const CommandText& text : command_texts()) {
    if (!text.group.empty()) words.append(words.empty() ? "" : " ").append(text.name);
  }
  return words;
}

// "--max|--wait" of all commands: their next word is a value.
std::string valued_flags(const CommandLine& line) {
  std::vector<std::string> names;
  const auto add = [&](const CLI::App& app) {
    for (const CLI::Option* flag : flags_of(app)) {
      if (flag->get_items_expected_max() == 0) continue;
      for (std::string& name : names_of(*flag)) names.push_back(std::move(name));
    }
  };
  add(line.app);
  for (const CLI::App* command : line.app.get_subcommands([](const CLI::App*) { return true; })) {
    add(*command);
  }
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  return fmt::format("{}", fmt::join(names, " | "));
}

void add_values(std::string& out, std::string_view command, const CLI::App& app) {
  for (const CLI::Option* flag : flags_of(app)) {
    if (flag->get_items_expected_max() == 0) continue;
    const std::string offer = offer_of(flag->get_type_name());
    for (const std::string& name : names_of(*flag)) {
      out += fmt::format("    {}:{}) {}; return ;;\n", command, name, offer.empty() ? ":" : offer);
    }
  }
}

void add_command(std::string& out, const CommandLine& line, const CLI::App& command) {
  out += fmt::format(
      "    {})\n      if [[ $current == -* ]]; then\n        _signalbox_offer '{} {}'\n",
      command.get_name(), flag_words(command), flag_words(line.app));
  std::size_t position = 0;
  for (const CLI::Option* positional : positionals_of(command)) {
    const bool last = positional->get_items_expected_max() > 1;
    const std::string kind = positional->get_type_name();
    const std::string offer = kind == value_name::sample_type ? sample_case() : offer_of(kind);
    if (!offer.empty()) {
      out += fmt::format("      elif ((position {} {})); then\n        {}\n",
                         last ? ">=" : "==", position, offer);
    }
    ++position;
  }
  out += "      fi\n      ;;\n";
}

}  // namespace

std::string bash_completion(const CommandLine& line) {
  const auto commands = line.app.get_subcommands([](const CLI::App*) { return true; });
  std::string out{opening};
  out += fmt::format(
      "_signalbox_takes_value() {{\n  case $1 in\n    {}) return 0 ;;\n  esac\n"
      "  return 1\n}}\n\n",
      valued_flags(line));
  out += reading;
  out += "  case $command:$previous in\n";
  for (const CLI::App* command : commands) add_values(out, command->get_name(), *command);
  add_values(out, "*", line.app);
  out += "  esac\n  case $command in\n";
  out += fmt::format(
      "    '')\n      if [[ $current == -* ]]; then\n        _signalbox_offer '{}'\n"
      "      else\n        _signalbox_offer '{}'\n      fi\n      ;;\n",
      flag_words(line.app), commands_shown());
  for (const CLI::App* command : commands) add_command(out, line, *command);
  out += "  esac\n";
  return out.append(closing);
}

}  // namespace signalbox
