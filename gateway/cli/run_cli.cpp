#include "gateway/cli/run_cli.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "gateway/cli/command_texts.hpp"
#include "gateway/cli/help.hpp"
#include "gateway/config/config_file.hpp"
#include "rules/source/diagnostic.hpp"

namespace signalbox {
namespace {

std::string help_of(const CommandLine& line, const CLI::ParseError& asked,
                    const Terminal& terminal) {
  if (asked.get_name() != "CallForAllHelp") {
    const CLI::App* command = line.chosen();
    return command == nullptr ? help_of_program(line, terminal)
                              : help_of_command(*command, terminal);
  }
  std::string all = help_of_program(line, terminal);
  for (const CommandText& text : command_texts()) {
    if (text.group.empty()) continue;
    all += '\n' + std::string(terminal.width() == 0 ? 80 : terminal.width(), '-') + '\n';
    all += help_of_command(*line.app.get_subcommand(std::string{text.name}), terminal);
  }
  return all;
}

std::string unknown_command(std::string_view name) {
  std::vector<std::string_view> names;
  for (const CommandText& text : command_texts()) {
    if (!text.group.empty()) names.push_back(text.name);
  }
  return fmt::format("unknown command '{}'{}", name, did_you_mean(name, names));
}

std::string unknown_flag(const CommandLine& line, std::string_view given) {
  const std::string_view name = given.substr(0, given.find('='));
  std::vector<std::string> known{"--help"};
  const auto add = [&](const CLI::App& app) {
    for (const CLI::Option* option : flags_of(app)) {
      for (const std::string& flag : option->get_lnames()) known.push_back("--" + flag);
    }
  };
  add(line.app);
  if (line.chosen() != nullptr) add(*line.chosen());
  const std::vector<std::string_view> candidates(known.begin(), known.end());
  const std::string of = line.chosen() == nullptr ? "" : " of " + line.chosen()->get_name();
  return fmt::format("unknown option '{}'{}{}", name, of, did_you_mean(name, candidates));
}

std::string describe(const CommandLine& line, const CLI::ParseError& error) {
  const std::vector<std::string> unread = line.app.remaining(true);
  const auto flag = std::find_if(unread.begin(), unread.end(), [](const std::string& text) {
    return text.size() > 1 && text.front() == '-';
  });
  if (line.chosen() == nullptr) {
    if (flag != unread.end() && flag == unread.begin()) return unknown_flag(line, *flag);
    return unread.empty() ? "name a command" : unknown_command(unread.front());
  }
  if (flag != unread.end()) return unknown_flag(line, *flag);
  if (unread.empty()) return error.what();
  return fmt::format("{} takes no argument '{}'", line.chosen()->get_name(), unread.front());
}

ExitCode parse_failed(const CommandLine& line, const CLI::ParseError& error,
                      std::span<const std::string> arguments, Terminal& terminal) {
  if (error.get_exit_code() == 0) {  // --help
    terminal.own_text(help_of(line, error, terminal));
    return ExitCode::good;
  }
  if (arguments.empty()) {
    terminal.notice(help_of_program(line, terminal));
    return ExitCode::usage;
  }
  terminal.error(describe(line, error));
  terminal.advice(line.chosen() == nullptr
                      ? "try `signalbox --help`"
                      : fmt::format("try `signalbox {} --help`", line.chosen()->get_name()));
  return ExitCode::usage;
}

}  // namespace

ExitCode fail(Invocation& invocation, const Failure& failure) {
  invocation.terminal.error(failure.text);
  if (!failure.hint.empty()) invocation.terminal.advice("  " + failure.hint);
  return failure.code;
}

Attempt<std::string> read_argument(const std::string& argument, std::size_t bytes_max) {
  const bool file = argument.starts_with('@');
  if (!file && argument != "-") return argument;
  auto content =
      file ? read_stream_file(argument.substr(1), bytes_max) : read_standard_input(bytes_max);
  if (!content) return Failure{ExitCode::usage, content.error().detail, {}};
  return std::move(*content);
}

CallAs call_as_operator(const std::string& space) { return {Role::operator_, {}, space}; }

CallAs call_as_agent(const std::string& agent) { return {Role::agent, agent, {}}; }

CallAs call_as_either(const std::string& agent, const std::string& space) {
  return agent.empty() ? call_as_operator(space) : call_as_agent(agent);
}

std::string namespace_flag(const std::string& space) {
  return space.empty() ? "" : " --namespace " + shell_quoted(space);
}

Attempt<ApiClient> find_client(const Invocation& invocation, const CallAs& as) {
  const auto installation = Installation::find(invocation.common, invocation.process);
  if (!installation) return installation.error();
  auto caller = find_caller(*installation, invocation.common, as.role, as.agent);
  if (!caller) return caller.error();
  caller->space = as.space;
  return ApiClient{std::move(*caller)};
}

ExitCode refuse(Invocation& invocation, const ApiAnswer& answer) {
  if (invocation.common.json) invocation.terminal.json(answer.text);
  invocation.terminal.error(describe_problem(answer));
  return exit_code_of(answer);
}

int run_cli(std::span<const std::string> arguments, Terminal& terminal, Environment process,
            Time now) {
  CommandLine line;
  try {
    line.parse(arguments);
  } catch (const CLI::ParseError& error) {
    return static_cast<int>(parse_failed(line, error, arguments, terminal));
  }
  Invocation invocation{terminal, line.common, std::move(process), now};
  return static_cast<int>(line.action(invocation));
}

int run_cli(int argc, char** argv) {
  try {
    const std::vector<std::string> arguments(argv + std::min(argc, 1), argv + argc);
    Terminal terminal = Terminal::of_process();
    return run_cli(arguments, terminal, Environment::of_process(), SystemClock{}.now());
  } catch (const std::exception& broken) {
    std::fputs(fmt::format("signalbox: {}\n", broken.what()).c_str(), stderr);
    return static_cast<int>(ExitCode::usage);
  }
}

}  // namespace signalbox
