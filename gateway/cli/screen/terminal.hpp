// Writing for people: colour where a terminal wants it, aligned columns, and no control characters.
// Titles and names in messages were written by strangers: an escape sequence among them could
// rewrite the screen, so every text that is not our own goes through printable().
#pragma once

#include <initializer_list>
#include <iosfwd>
#include <string>
#include <string_view>
#include <vector>

#include "event/printable.hpp"

namespace signalbox {

// The text as one word of a POSIX shell, for a command that somebody may copy.
std::string shell_quoted(std::string_view text);

// Columns that a printable text takes on a terminal.
std::size_t display_width(std::string_view text);

// The text, or its beginning and an ellipsis, in at most `width` columns.
std::string fit(std::string_view text, std::size_t width);

// Where wrapped text stands: it begins in column `at`, goes on in column `indent`, and ends before
// column `width`; a width of 0 stands for no bound.
struct TextBlock {
  std::size_t at = 0;
  std::size_t indent = 0;
  std::size_t width = 0;
};

// Broken at spaces. A word that is longer than a line is not broken: it may be a path.
std::string wrapped(std::string_view text, TextBlock block);

enum class Style : std::uint8_t { plain, bold, dim, good, bad, warn, name };

struct Cell {
  std::string text;
  Style style = Style::plain;
};

// Where a command writes. Not thread-safe.
class Terminal {
 public:
  // A `width` of 0 stands for no terminal: nothing is cut.
  Terminal(std::ostream& out, std::ostream& err, bool colour, std::size_t width)
      : out_{out}, err_{err}, colour_{colour}, width_{width} {}

  // Standard output and error; colour and width when standard output is a terminal and NO_COLOR is
  // not set.
  static Terminal of_process();

  // Made printable, and coloured where wanted.
  std::string styled(std::string_view text, Style style) const;

  void line(std::string_view text = {});                      // own text, as it is
  void own_text(std::string_view lines);                      // the same, line breaks included
  void heading(std::string_view text);                        // bold
  void field(std::string_view name, std::string_view value);  // indented, names aligned
  void hint(std::string_view command);                        // "next: …"
  void error(std::string_view text);                          // "signalbox: …" on standard error
  void advice(std::string_view text);                         // dim, on standard error
  void notice(std::string_view own_text);                     // as it is, on standard error
  void json(std::string_view json);                           // one JSON text and a line break

  // Aligned columns under dim titles. Where the terminal is too narrow the columns `may_be_cut`
  // give way, the first first. What then does not fit makes each row's last cell, an id of which a
  // half is of no use, a line of its own; and only then the others are cut, the widest first.
  void table(const std::vector<std::string>& titles, const std::vector<std::vector<Cell>>& rows,
             std::initializer_list<std::size_t> may_be_cut);

  // Hands on what was written; false when nobody reads it any more.
  bool flush();

  std::size_t width() const noexcept { return width_; }

 private:
  // The cells for which there are widths.
  void write_row(const std::vector<Cell>& row, const std::vector<std::size_t>& widths);

  std::ostream& out_;
  std::ostream& err_;
  bool colour_;
  std::size_t width_;
  bool hinted_ = false;
};

}  // namespace signalbox
