#include "gateway/cli/screen/terminal.hpp"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cassert>
#include <clocale>
#include <cstdlib>
#include <iostream>
#include <numeric>

namespace signalbox {
namespace {

constexpr std::size_t field_name_width = 10;
constexpr std::size_t field_value_width_max =
    400;  // on a terminal; ids and receipts are far shorter
constexpr std::size_t gap = 2;
constexpr std::size_t column_width_min = 8;
constexpr std::size_t column_width_legible = 16;  // of a text that is cut so that an id has room

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

std::size_t total_of(const std::vector<std::size_t>& widths) {
  return std::accumulate(widths.begin(), widths.end(), gap * (widths.size() - 1));
}

// The columns give way, one after the other and down to `least`, until the row fits. False where it
// does not.
bool narrow(std::vector<std::size_t>& widths, std::initializer_list<std::size_t> columns,
            std::size_t least, std::size_t width) {
  for (const std::size_t column : columns) {
    const std::size_t total = total_of(widths);
    if (total <= width || column >= widths.size() || widths[column] <= least) continue;
    widths[column] -= std::min(widths[column] - least, total - width);
  }
  return total_of(widths) <= width;
}

// The widest columns give way until the row fits.
void shrink(std::vector<std::size_t>& widths, std::size_t width) {
  while (total_of(widths) > width) {
    const auto widest = std::max_element(widths.begin(), widths.end());
    if (*widest <= column_width_min) return;
    --*widest;
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
                     const std::vector<std::vector<Cell>>& rows,
                     std::initializer_list<std::size_t> may_be_cut) {
  std::vector<std::size_t> widths;
  for (const std::string& title : titles) widths.push_back(display_width(title));
  for (const auto& row : rows) {
    assert(row.size() == titles.size());
    for (std::size_t i = 0; i < row.size(); ++i) {
      widths[i] = std::max(widths[i], display_width(printable(row[i].text)));
    }
  }
  auto fitting = widths;
  const bool last_below =
      width_ > 0 && widths.size() > 1 && !narrow(fitting, may_be_cut, column_width_legible, width_);
  if (last_below) {
    widths.pop_back();
    if (!narrow(widths, may_be_cut, column_width_min, width_)) shrink(widths, width_);
  } else {
    widths = std::move(fitting);
  }
  std::vector<Cell> head;
  for (const std::string& title : titles) head.push_back({title, Style::dim});
  write_row(head, widths);
  for (const auto& row : rows) {
    write_row(row, widths);
    if (last_below) {
      out_ << std::string(2 * gap, ' ') << styled(row.back().text, row.back().style) << '\n';
    }
  }
}

void Terminal::write_row(const std::vector<Cell>& row, const std::vector<std::size_t>& widths) {
  std::string out;
  for (std::size_t i = 0; i < widths.size(); ++i) {
    const std::string text = fit(printable(row[i].text), widths[i]);
    out += std::string(i == 0 ? 0 : gap, ' ');
    out += styled(text, row[i].style);
    if (i + 1 < widths.size()) out += std::string(widths[i] - display_width(text), ' ');
  }
  out_ << out << '\n';
}

}  // namespace signalbox
