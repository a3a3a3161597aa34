// Help for people, of the program and of its commands.
#include "gateway/cli/pages.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace signalbox {
namespace {

constexpr std::size_t margin = 2;
constexpr std::size_t name_width_max = 28;  // a longer name has a line of its own
constexpr std::size_t width_min = 40;
constexpr std::size_t width_max = 100;  // longer lines are hard to read

struct HelpRow {
  std::string name;
  std::string text;
};

class Page {
 public:
  explicit Page(const Terminal& terminal)
      : terminal_{terminal},
        width_{terminal.width() == 0 ? width_max
                                     : std::clamp(terminal.width(), width_min, width_max)} {}

  void heading(std::string_view text) {
    if (!out_.empty()) out_ += '\n';
    out_ += terminal_.styled(text, Style::bold) + ":\n";
  }

  void paragraph(std::string_view text, std::size_t indent = 0) {
    if (text.empty()) return;
    if (!out_.empty()) out_ += '\n';
    out_ += std::string(indent, ' ');
    out_ += wrapped(text, {indent, indent, width_});
    out_ += '\n';
  }

  void line(std::string_view text) { out_.append(text) += '\n'; }

  // Names in one column, texts in another.
  void rows(const std::vector<HelpRow>& rows) {
    std::size_t column = 0;
    for (const HelpRow& row : rows) {
      const std::size_t width = display_width(row.name);
      if (width <= name_width_max) column = std::max(column, width);
    }
    column += 2 * margin;
    for (const HelpRow& row : rows) {
      std::size_t at = margin + display_width(row.name);
      out_ += std::string(margin, ' ') + terminal_.styled(row.name, Style::name);
      if (row.text.empty()) {
        out_ += '\n';
        continue;
      }
      if (at + margin > column) {
        out_ += '\n';
        at = 0;
      }
      out_ += std::string(column - at, ' ');
      out_ += wrapped(row.text, {column, column, width_});
      out_ += '\n';
    }
  }

  std::string take() { return std::move(out_); }

 private:
  const Terminal& terminal_;
  std::size_t width_;
  std::string out_;
};

std::vector<HelpRow> rows_of(std::span<const NamedText> texts) {
  std::vector<HelpRow> rows;
  for (const auto& [name, text] : texts) rows.push_back({std::string{name}, std::string{text}});
  return rows;
}

void add_options(std::vector<HelpRow>& rows, std::span<const Option> options) {
  for (const Option& row : options) rows.push_back({label_of(row), help_of(row)});
}

void show_examples(Page& page, const Command& command) {
  std::vector<HelpRow> rows;
  for (const Example& example : command.examples) {
    if (example.command.empty()) continue;
    rows.push_back({std::string{example.command}, std::string{example.why}});
  }
  if (rows.empty()) return;
  page.heading(rows.size() == 1 ? "Example" : "Examples");
  page.rows(rows);
}

void show_commands(Page& page) {
  const auto commands = all_commands();
  for (auto next = commands.begin(); next != commands.end();) {
    const std::string_view group = (*next)->group;
    std::vector<HelpRow> rows;
    for (; next != commands.end() && (*next)->group == group; ++next) {
      rows.push_back({std::string{(*next)->name}, std::string{(*next)->summary}});
    }
    if (group.empty()) continue;
    page.heading(group);
    page.rows(rows);
  }
}

}  // namespace

std::string label_of(const Option& row) {
  if (row.is_argument()) {
    const bool many = row.takes_many();
    const std::string name = fmt::format("{}{}", row.value.name, many ? "…" : "");
    return row.required ? name : "[" + name + "]";
  }
  std::string label = row.letter.empty() ? "" : fmt::format("{}, ", row.letter);
  label += row.name;
  if (row.takes_value()) label += fmt::format(" {}", row.value.name);
  return label;
}

std::string help_of(const Option& row) {
  return row.made_help != nullptr ? row.made_help() : std::string{row.help};
}

std::string usage_of(const Command& command) {
  std::string usage = fmt::format("signalbox {}", command.name);
  for (const Option& row : options_of(command)) {
    if (row.required) usage += " " + label_of(row);
  }
  for (const Option& row : arguments_of(command)) usage += " " + label_of(row);
  return usage + " [OPTION…]";
}

std::string help_of_program(const Terminal& terminal) {
  Page page{terminal};
  page.line(about_text);
  page.heading("Usage");
  page.line("  signalbox COMMAND [OPTION…]");
  show_commands(page);
  page.heading("Options of every command");
  std::vector<HelpRow> options;
  add_options(options, std::array{help_option, help_all_option, version_option});
  add_options(options, common_options());
  page.rows(options);
  page.heading("Environment");
  page.rows(rows_of(environment_texts()));
  page.heading("Exit status");
  page.rows(rows_of(exit_status_texts()));
  page.paragraph(installation_text);
  page.heading("Start with");
  page.rows({{"signalbox sample github pull_request.opened --post github", ""},
             {"signalbox COMMAND --help", ""}});
  return page.take();
}

std::string help_of_command(const Command& command, const Terminal& terminal) {
  Page page{terminal};
  page.line(fmt::format("{}: {}", command.name, command.summary));
  page.heading("Usage");
  page.line("  " + usage_of(command));
  page.paragraph(command.details);
  std::vector<HelpRow> arguments;
  add_options(arguments, arguments_of(command));
  if (!arguments.empty()) {
    page.heading(arguments.size() == 1 ? "Argument" : "Arguments");
    page.rows(arguments);
  }
  page.heading("Options");
  std::vector<HelpRow> options;
  add_options(options, std::array{help_option});
  add_options(options, options_of(command));
  page.rows(options);
  show_examples(page, command);
  page.paragraph(
      "Also --config, --env-file, --url, --ca-file, --token-file and --json: see `signalbox "
      "--help`, with the environment and the exit status.");
  return page.take();
}

std::string help_of_all(const Terminal& terminal) {
  std::string all = help_of_program(terminal);
  for (const Command* command : all_commands()) {
    if (command->group.empty()) continue;
    all += '\n' + std::string(terminal.width() == 0 ? 80 : terminal.width(), '-') + '\n';
    all += help_of_command(*command, terminal);
  }
  return all;
}

namespace {

struct HelpOptions {
  std::string command;
};

ExitCode run_help(Invocation& invocation, const HelpOptions& options) {
  Terminal& terminal = invocation.terminal;
  const Command* command = find_command(options.command);
  if (command == nullptr && !options.command.empty()) {
    return fail(invocation, usage_failure(unknown_command(options.command), "signalbox help"));
  }
  terminal.own_text(command == nullptr ? help_of_program(terminal)
                                       : help_of_command(*command, terminal));
  return ExitCode::good;
}

}  // namespace

namespace commands {

extern constinit const Command help;
constinit const Command help{
    .name = "help",
    .group = group::program,
    .summary = "Help of the program, or of one command",
    .examples = {{{"signalbox help receive", "the same as `signalbox receive --help`"}}},
    .json = {{{.what = "the text, with or without `--json`"}}},
    .arguments = {{{.name = "command",
                    .value = {"COMMAND"},
                    .help = "As receive; default: the program",
                    .into = into<&HelpOptions::command>}}},
    .action = action<run_help>,
};

}  // namespace commands
}  // namespace signalbox
