// What a command is: one file with its options, its action and its view, that ends with one of
// these, and one row in gateway/cli/program.cpp. Nothing here reads argv.
#pragma once

#include <algorithm>
#include <array>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "event/clock.hpp"
#include "gateway/cli/contract/command_result.hpp"
#include "gateway/cli/contract/option.hpp"
#include "gateway/cli/screen/terminal.hpp"
#include "gateway/config/config.hpp"

namespace signalbox {

// Options that every command has.
struct CommonOptions {
  std::string config;
  std::string env_file;
  std::string url;
  std::string token_file;
  std::string ca_file;
  bool json = false;
};

// What a command is given beside its own options. It writes through the terminal, and returns how
// it ended.
struct Invocation {
  Terminal& terminal;
  const CommonOptions& common;
  Environment process;  // as the command was started
  Time now{};           // for ages
};

// What a command does, with the type of its options hidden.
struct CommandAction {
  const void* owner = nullptr;  // options_id of the options that it makes and takes
  std::shared_ptr<void> (*make_options)() = nullptr;
  ExitCode (*run)(Invocation& invocation, const void* options) = nullptr;
};

struct NoOptions {};

template <auto Run>
struct ActionOf;
template <class Options, ExitCode (*Run)(Invocation&, const Options&)>
struct ActionOf<Run> {
  static std::shared_ptr<void> make_options() { return std::make_shared<Options>(); }
  static ExitCode run(Invocation& invocation, const void* options) {
    return Run(invocation, *static_cast<const Options*>(options));
  }
  static constexpr CommandAction action{&options_id<Options>, &make_options, &run};
};
template <ExitCode (*Run)(Invocation&)>
struct ActionOf<Run> {
  static std::shared_ptr<void> make_options() { return std::make_shared<NoOptions>(); }
  static ExitCode run(Invocation& invocation, const void*) { return Run(invocation); }
  static constexpr CommandAction action{&options_id<NoOptions>, &make_options, &run};
};

// As in `.action = action<run_inbox>`: a function of an Invocation and, where the command has
// options, of a struct with what was given.
template <auto Run>
inline constexpr CommandAction action = ActionOf<Run>::action;

struct Example {
  std::string_view command{};  // as typed; a test parses each
  std::string_view why{};
};

// A form of a command's output, for docs/CLI.md.
struct Printed {
  std::string_view when{};  // options that lead to it: "--stats"; empty: without any
  std::string_view what{};  // as Markdown
};
inline constexpr std::string_view answer_printed =
    "the server's answer, unchanged: [API.md](API.md)";

namespace group {
inline constexpr std::string_view gateway = "The gateway";
inline constexpr std::string_view mailboxes = "Mailboxes";
inline constexpr std::string_view events = "Events and rules";
inline constexpr std::string_view program = "This program";
}  // namespace group

inline constexpr std::size_t examples_max = 3;
inline constexpr std::size_t printed_max = 3;
inline constexpr std::size_t arguments_max = 2;
inline constexpr std::size_t options_max = 12;

// Immutable. Lists end with their first row without a name; one that is too long does not compile.
struct Command {
  std::string_view name{};
  std::string_view group{};    // empty: not shown, neither by help nor by docs
  std::string_view summary{};  // one line, without a full stop
  std::string_view details{};  // what one should know; may be empty
  std::array<Example, examples_max> examples{};
  std::array<Printed, printed_max> json{};  // what it prints with --json
  std::array<Option, arguments_max> arguments{};
  std::array<Option, options_max> options{};
  CommandAction action{};
};

constexpr std::span<const Option> rows_of(std::span<const Option> rows) noexcept {
  const auto end =
      std::find_if(rows.begin(), rows.end(), [](const Option& row) { return row.name.empty(); });
  return rows.first(static_cast<std::size_t>(end - rows.begin()));
}
constexpr std::span<const Option> arguments_of(const Command& command) noexcept {
  return rows_of(command.arguments);
}
constexpr std::span<const Option> options_of(const Command& command) noexcept {
  return rows_of(command.options);
}

// Writes a failure with its hint to standard error.
ExitCode fail(Invocation& invocation, const Failure& failure);

// An argument that is the text itself, @file, or - for standard input. usage where that cannot be
// read, or is longer than `bytes_max`.
CommandResult<std::string> read_argument(const std::string& argument, std::size_t bytes_max);

}  // namespace signalbox
