#include "gateway/cli/screen/terminal.hpp"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cassert>
#include <clocale>
#include <cstdlib>
#include <iostream>

namespace signalbox {
namespace {

constexpr std::size_t field_name_width = 10;
constexpr std::size_t field_value_width_max =
    400;  // on a terminal; ids and receipts are far shorter
constexpr std::size_t gap = 2;
constexpr std::size_t flexible_width_min = 12;
constexpr std::size_t column_width_min = 8;

std::string_view code_of(Style style) noexcept {
  switch (style) {
    case Style::plain:
      return {};
    case Style::bold:
      return "1";
    case Style::dim:
      return "2";
    case Style::good:
      return "32";
    case Style::bad:
      return "31";
    case Style::warn:
      return "33";
    case Style::name:
      return "36";
  }
  return {};
}

// The widest columns give way until the row fits, but not the last one: ids stand there, and half
// an id is of no use.
void shrink(std::vector<std::size_t>& widths, std::size_t width) {
  std::size_t total = gap * (widths.size() - 1);
  for (const std::size_t column : widths) total += column;
  while (total > width) {
    const auto widest = std::max_element(widths.begin(), widths.end() - 1);
    if (widest == widths.end() - 1 || *widest <= column_width_min) return;
    --*widest;
    --total;
  }
}

std::size_t terminal_width() noexcept {
  winsize size{};
  if (::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return 80;
  return size.ws_col;
}

}  // namespace

Terminal Terminal::of_process() {
  // For the widths of characters; what people type and read is UTF-8 whatever the locale says.
  std::setlocale(LC_CTYPE, "C.UTF-8");
  const bool terminal = ::isatty(STDOUT_FILENO) == 1;
  const char* no_colour = std::getenv("NO_COLOR");
  const char* kind = std::getenv("TERM");
  const bool colour = terminal && (no_colour == nullptr || *no_colour == '\0') && kind != nullptr &&
                      std::string_view{kind} != "dumb";
  return Terminal{std::cout, std::cerr, colour, terminal ? terminal_width() : 0};
}

std::string Terminal::styled(std::string_view text, Style style) const {
  const std::string plain = printable(text);
  const std::string_view code = code_of(style);
  if (!colour_ || code.empty() || plain.empty()) return plain;
  return fmt::format("\x1b[{}m{}\x1b[0m", code, plain);
}

void Terminal::line(std::string_view text) { out_ << text << '\n'; }

void Terminal::own_text(std::string_view lines) { out_ << lines; }

void Terminal::heading(std::string_view text) { out_ << styled(text, Style::bold) << '\n'; }

void Terminal::field(std::string_view name, std::string_view value) {
  const std::string shown = printable(name);
  const std::size_t used = display_width(shown);
  const std::size_t pad = used < field_name_width ? field_name_width - used : 1;
  const std::string text = printable(value);
  out_ << std::string(gap, ' ') << styled(shown, Style::dim) << std::string(pad, ' ')
       << (width_ > 0 ? fit(text, field_value_width_max) : text) << '\n';
}

void Terminal::hint(std::string_view command) {
  out_ << (hinted_ ? "      " : styled("next: ", Style::dim)) << styled(command, Style::name)
       << '\n';
  hinted_ = true;
}

void Terminal::error(std::string_view text) {
  out_.flush();
  err_ << "signalbox: " << printable(text) << '\n';
}

void Terminal::advice(std::string_view text) { err_ << printable(text) << '\n'; }

void Terminal::notice(std::string_view own_text) { err_ << own_text << '\n'; }

void Terminal::json(std::string_view json) { out_ << printable_json(json) << '\n'; }

bool Terminal::flush() { return static_cast<bool>(out_.flush()); }

void Terminal::table(const std::vector<std::string>& titles,
                     const std::vector<std::vector<Cell>>& rows, std::size_t flexible) {
  assert(flexible < titles.size());
  std::vector<std::size_t> widths;
  for (const std::string& title : titles) widths.push_back(display_width(title));
  for (const auto& row : rows) {
    assert(row.size() == titles.size());
    for (std::size_t i = 0; i < row.size(); ++i) {
      widths[i] = std::max(widths[i], display_width(printable(row[i].text)));
    }
  }
  std::size_t fixed = gap * (widths.size() - 1);
  for (std::size_t i = 0; i < widths.size(); ++i) fixed += i == flexible ? 0 : widths[i];
  if (width_ > 0) {
    const std::size_t left = width_ > fixed ? width_ - fixed : 0;
    widths[flexible] = std::min(widths[flexible], std::max(left, flexible_width_min));
    shrink(widths, width_);
  }
  const auto write = [&](const std::vector<Cell>& row) {
    std::string out;
    for (std::size_t i = 0; i < row.size(); ++i) {
      const std::string text = fit(printable(row[i].text), widths[i]);
      out += std::string(i == 0 ? 0 : gap, ' ');
      out += styled(text, row[i].style);
      if (i + 1 < row.size()) out += std::string(widths[i] - display_width(text), ' ');
    }
    out_ << out << '\n';
  };
  std::vector<Cell> head;
  for (const std::string& title : titles) head.push_back({title, Style::dim});
  write(head);
  for (const auto& row : rows) write(row);
}

}  // namespace signalbox
