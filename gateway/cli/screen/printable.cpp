// How wide texts are on a terminal, and how they are cut and broken there.
#include <wchar.h>

#include <algorithm>

#include "gateway/cli/screen/terminal.hpp"

namespace signalbox {
namespace {

std::size_t width_of(char32_t c) noexcept {
  const int width = ::wcwidth(static_cast<wchar_t>(c));
  return width < 0 ? 1 : static_cast<std::size_t>(width);  // -1: unknown to this locale
}

}  // namespace

std::string shell_quoted(std::string_view text) {
  constexpr std::string_view plain =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.,:/=@%+#";
  if (!text.empty() && text.front() != '#' &&
      text.find_first_not_of(plain) == std::string_view::npos) {
    return std::string{text};
  }
  std::string out = "'";
  for (const char c : text) {
    if (c == '\'') {
      out += "'\\''";
    } else {
      out += c;
    }
  }
  return out + "'";
}

std::size_t display_width(std::string_view text) {
  std::size_t width = 0;
  while (!text.empty()) {
    const Utf8Point next = decode_utf8(text);
    width += width_of(next.point);
    text.remove_prefix(next.bytes);
  }
  return width;
}

std::string wrapped(std::string_view text, TextBlock block) {
  if (block.width == 0) return std::string{text};
  std::string out;
  std::size_t at = block.at;
  bool first = true;  // of its line
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(' '), text.size());
    const std::string_view word = text.substr(0, end);
    const std::size_t width = display_width(word);
    if (!first && at + 1 + width > block.width) {
      out += '\n' + std::string(block.indent, ' ');
      at = block.indent;
      first = true;
    }
    if (!first) out += ' ';
    out += word;
    at += width + (first ? 0 : 1);
    first = false;
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return out;
}

std::string fit(std::string_view text, std::size_t width) {
  if (display_width(text) <= width) return std::string{text};
  if (width == 0) return {};
  std::string out;
  std::size_t used = 1;  // the ellipsis
  while (!text.empty()) {
    const Utf8Point next = decode_utf8(text);
    used += width_of(next.point);
    if (used > width) break;
    out += text.substr(0, next.bytes);
    text.remove_prefix(next.bytes);
  }
  while (out.ends_with(' ')) out.pop_back();
  return out + "…";
}

}  // namespace signalbox
