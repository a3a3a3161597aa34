#include "gateway/cli/command_line.hpp"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cassert>
#include <map>

#include "gateway/cli/program.hpp"
#include "rules/source/diagnostic.hpp"

namespace signalbox {
namespace {

std::vector<std::string> words_of(std::string_view text) {
  std::vector<std::string> words;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(' '), text.size());
    words.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return words;
}

std::string typed_name(const Option& row) {
  return row.letter.empty() ? std::string{row.name} : fmt::format("{},{}", row.letter, row.name);
}

// CLI11's parser, made from the rows; it lives as long as what it fills.
class Parser {
 public:
  Parser();

  // Throws CLI::ParseError.
  void parse(std::span<const std::string> arguments);

  // The command that was named, as far as parsing came; null for none.
  const Command* chosen() const;

  // What was wrong, after parse() has thrown.
  std::string describe(const CLI::ParseError& error) const;

  CommonOptions take_common() { return std::move(common_); }
  std::shared_ptr<void> options_of_chosen() const { return options_.at(chosen()); }

 private:
  void add_command(const Command& command);
  static CLI::Option* add_row(CLI::App& app, const Option& row, void* options);
  static void bind_rows(CLI::App& app, std::span<const Option> rows);
  std::string unknown_option(std::string_view given) const;

  CLI::App app_{"", "signalbox"};
  CommonOptions common_;
  std::map<const Command*, std::shared_ptr<void>> options_;
};

Parser::Parser() {
  app_.require_subcommand(1);
  app_.set_help_flag(typed_name(help_option));
  app_.set_help_all_flag(typed_name(help_all_option));
  app_.set_version_flag(typed_name(version_option));
  for (const Option& row : common_options()) {
    assert(row.into.owner == &options_id<CommonOptions>);
    add_row(app_, row, &common_);
  }
  for (const Command* command : all_commands()) add_command(*command);
}

void Parser::add_command(const Command& command) {
  CLI::App& app = *app_.add_subcommand(std::string{command.name});
  app.set_help_all_flag();  // of the program only
  app.fallthrough();        // the common options may stand behind the command
  const auto options = options_[&command] = command.action.make_options();
  for (const auto& rows : {arguments_of(command), options_of(command)}) {
    for (const Option& row : rows) {
      assert(row.into.owner == command.action.owner);
      add_row(app, row, options.get());
    }
  }
  bind_rows(app, options_of(command));
}

CLI::Option* Parser::add_row(CLI::App& app, const Option& row, void* options) {
  const auto add = [&](auto* into) -> CLI::Option* {
    if constexpr (std::is_same_v<decltype(into), bool*>) {
      return app.add_flag(typed_name(row), *into);
    } else {
      return app.add_option(typed_name(row), *into);
    }
  };
  CLI::Option* option = std::visit(add, row.into.place(options));
  option->required(row.required);
  if (row.takes_value()) option->type_name(std::string{row.value.name});
  // Without words of their own: the row's help has them.
  if (row.range) {
    const auto [least, most] = *row.range;
    option->check(CLI::Range(static_cast<int>(least), static_cast<int>(most)).description(""));
  }
  if (row.only_words) option->check(CLI::IsMember(words_of(row.value.words)).description(""));
  if (row.takes_many() && !row.is_argument()) {
    option->expected(1)->take_all()->allow_extra_args(false);  // an argument may stand behind it
  }
  return option;
}

void Parser::bind_rows(CLI::App& app, std::span<const Option> rows) {
  for (const Option& row : rows) {
    CLI::Option* option = app.get_option(std::string{row.name});
    for (const std::string& other : words_of(row.excludes)) {
      option->excludes(app.get_option(other));
    }
    for (const std::string& other : words_of(row.needs)) option->needs(app.get_option(other));
  }
}

void Parser::parse(std::span<const std::string> arguments) {
  std::vector<std::string> reversed(arguments.rbegin(), arguments.rend());  // as CLI11 wants it
  app_.parse(reversed);
}

const Command* Parser::chosen() const {
  const auto parsed = app_.get_subcommands();
  return parsed.empty() ? nullptr : find_command(parsed.front()->get_name());
}

std::string Parser::unknown_option(std::string_view given) const {
  const std::string_view name = given.substr(0, given.find('='));
  std::vector<std::string_view> known{help_option.name, help_all_option.name, version_option.name};
  for (const Option& row : common_options()) known.push_back(row.name);
  const Command* command = chosen();
  if (command != nullptr) {
    for (const Option& row : options_of(*command)) known.push_back(row.name);
  }
  const std::string of = command == nullptr ? "" : fmt::format(" of {}", command->name);
  return fmt::format("unknown option '{}'{}{}", name, of, did_you_mean(name, known));
}

std::string Parser::describe(const CLI::ParseError& error) const {
  const std::vector<std::string> unread = app_.remaining(true);
  const auto option = std::find_if(unread.begin(), unread.end(), [](const std::string& text) {
    return text.size() > 1 && text.front() == '-';
  });
  const Command* command = chosen();
  if (command == nullptr) {
    if (option != unread.end() && option == unread.begin()) return unknown_option(*option);
    return unread.empty() ? "name a command" : unknown_command(unread.front());
  }
  if (option != unread.end()) return unknown_option(*option);
  if (unread.empty()) return error.what();
  return fmt::format("{} takes no argument '{}'", command->name, unread.front());
}

}  // namespace

CommandLine parse_command_line(std::span<const std::string> arguments) {
  Parser parser;
  CommandLine line;
  try {
    parser.parse(arguments);
    line.wish = CommandLine::Wish::run;
    line.options = parser.options_of_chosen();
  } catch (const CLI::CallForHelp&) {
    line.wish = CommandLine::Wish::help;
  } catch (const CLI::CallForAllHelp&) {
    line.wish = CommandLine::Wish::help_all;
  } catch (const CLI::CallForVersion&) {
    line.wish = CommandLine::Wish::tell_version;
  } catch (const CLI::ParseError& error) {
    line.mistake = parser.describe(error);
  }
  line.command = parser.chosen();
  line.common = parser.take_common();
  assert(line.wish != CommandLine::Wish::run || line.command != nullptr);
  return line;
}

}  // namespace signalbox
