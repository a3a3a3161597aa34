// The tables of docs/CLI.md.
#include <fmt/format.h>

#include "gateway/cli/pages.hpp"

namespace signalbox {
namespace {

// Text for a cell of a table, where a bar would end it.
std::string cell(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '|') out += '\\';
    out += c;
  }
  return out;
}

std::string labels_of(const Command& command) {
  std::string labels;
  for (const auto& rows : {arguments_of(command), options_of(command)}) {
    for (const Option& row : rows) {
      labels += fmt::format("{}`{}`", labels.empty() ? "" : ", ", cell(label_of(row)));
    }
  }
  return labels;
}

// One row for each form of its output; the first has its options too.
void add_row(std::string& out, const Command& command) {
  std::string labels = labels_of(command);
  for (const Printed& printed : command.json) {
    if (printed.what.empty()) continue;
    const std::string form = printed.when.empty() ? "" : fmt::format(" {}", printed.when);
    out += fmt::format("| `{}{}` | {} | {} |\n", command.name, form, labels, cell(printed.what));
    labels.clear();
  }
}

}  // namespace

std::string commands_markdown() {
  std::string out;
  std::string_view group;
  for (const Command* command : all_commands()) {
    if (command->group.empty()) continue;
    if (command->group != group) {
      out += fmt::format("\n### {}\n\n", command->group);
      out += "| command | arguments and options | prints with `--json` |\n| --- | --- | --- |\n";
    }
    group = command->group;
    add_row(out, *command);
  }
  return out;
}

}  // namespace signalbox
