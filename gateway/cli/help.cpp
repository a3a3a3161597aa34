#include "gateway/cli/help.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "gateway/cli/command_texts.hpp"

namespace signalbox {
namespace {

constexpr std::size_t margin = 2;
constexpr std::size_t name_width_max = 28;  // a longer name has a line of its own
constexpr std::size_t width_min = 40;
constexpr std::size_t width_max = 100;  // longer lines are hard to read

struct Row {
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
  void rows(const std::vector<Row>& rows) {
    std::size_t column = 0;
    for (const Row& row : rows) {
      const std::size_t width = display_width(row.name);
      if (width <= name_width_max) column = std::max(column, width);
    }
    column += 2 * margin;
    for (const Row& row : rows) {
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

std::vector<Row> rows_of(std::span<const NamedText> texts) {
  std::vector<Row> rows;
  for (const auto& [name, text] : texts) rows.push_back({std::string{name}, std::string{text}});
  return rows;
}

std::vector<Row> rows_of(const std::vector<const CLI::Option*>& options) {
  std::vector<Row> rows;
  for (const CLI::Option* option : options) {
    rows.push_back({label_of(*option), option->get_description()});
  }
  return rows;
}

void show_examples(Page& page, const CommandText& text) {
  std::vector<Row> rows;
  for (const Example& example : text.examples) {
    if (example.command.empty()) continue;
    rows.push_back({std::string{example.command}, std::string{example.why}});
  }
  if (rows.empty()) return;
  page.heading(rows.size() == 1 ? "Example" : "Examples");
  page.rows(rows);
}

}  // namespace

std::string label_of(const CLI::Option& option) {
  if (!option.nonpositional()) {
    const bool many = option.get_items_expected_max() > 1;
    const std::string name = option.get_type_name() + (many ? "…" : "");
    return option.get_required() ? name : "[" + name + "]";
  }
  std::string label;
  for (const std::string& name : option.get_snames()) label += "-" + name + ", ";
  for (const std::string& name : option.get_lnames()) label += "--" + name + ", ";
  label.resize(label.size() - 2);
  if (option.get_items_expected_max() > 0) label += " " + option.get_type_name();
  return label;
}

std::string usage_of(const CLI::App& command) {
  std::string usage = "signalbox " + command.get_name();
  for (const CLI::Option* option : flags_of(command)) {
    if (option->get_required()) usage += " " + label_of(*option);
  }
  for (const CLI::Option* option : positionals_of(command)) usage += " " + label_of(*option);
  return usage + " [OPTION…]";
}

std::vector<const CLI::Option*> flags_of(const CLI::App& command) {
  return command.get_options([](const CLI::Option* option) { return option->nonpositional(); });
}

std::vector<const CLI::Option*> positionals_of(const CLI::App& command) {
  return command.get_options([](const CLI::Option* option) { return !option->nonpositional(); });
}

std::string help_of_program(const CommandLine& line, const Terminal& terminal) {
  Page page{terminal};
  page.line(about_text);
  page.heading("Usage");
  page.line("  signalbox COMMAND [OPTION…]");
  const auto texts = command_texts();
  for (auto text = texts.begin(); text != texts.end();) {
    const std::string_view group = text->group;
    std::vector<Row> rows;
    for (; text != texts.end() && text->group == group; ++text) {
      rows.push_back({std::string{text->name}, std::string{text->what}});
    }
    if (group.empty()) continue;
    page.heading(group);
    page.rows(rows);
  }
  page.heading("Options of every command");
  page.rows(rows_of(flags_of(line.app)));
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

std::string help_of_command(const CLI::App& command, const Terminal& terminal) {
  Page page{terminal};
  page.line(fmt::format("{}: {}", command.get_name(), command.get_description()));
  page.heading("Usage");
  page.line("  " + usage_of(command));
  for (const CommandText& text : command_texts()) {
    if (text.name == command.get_name()) page.paragraph(text.details);
  }
  if (const auto positionals = positionals_of(command); !positionals.empty()) {
    page.heading(positionals.size() == 1 ? "Argument" : "Arguments");
    page.rows(rows_of(positionals));
  }
  page.heading("Options");
  page.rows(rows_of(flags_of(command)));
  for (const CommandText& text : command_texts()) {
    if (text.name == command.get_name()) show_examples(page, text);
  }
  page.paragraph(
      "Also --config, --env-file, --url, --ca-file, --token-file and --json: see `signalbox "
      "--help`, with the environment and the exit status.");
  return page.take();
}

}  // namespace signalbox
