#include <fmt/format.h>
#include <wchar.h>

#include <algorithm>
#include <optional>

#include "gateway/cli/screen/terminal.hpp"

namespace signalbox {
namespace {

constexpr char32_t replacement = 0xFFFD;

// The next code point and its bytes; a byte that starts no valid sequence counts as U+FFFD of one
// byte.
struct Decoded {
  char32_t point;
  std::size_t bytes;
};

std::size_t sequence_length(unsigned char lead) noexcept {
  if (lead < 0x80) return 1;
  if (lead >= 0xC2 && lead <= 0xDF) return 2;
  if (lead >= 0xE0 && lead <= 0xEF) return 3;
  if (lead >= 0xF0 && lead <= 0xF4) return 4;
  return 0;
}

Decoded decode(std::string_view text) noexcept {
  const auto lead = static_cast<unsigned char>(text.front());
  const std::size_t length = sequence_length(lead);
  if (length == 1) return {lead, 1};
  if (length == 0 || text.size() < length) return {replacement, 1};
  char32_t point = lead & (0xFFU >> (length + 1));
  for (std::size_t i = 1; i < length; ++i) {
    const auto next = static_cast<unsigned char>(text[i]);
    if ((next & 0xC0U) != 0x80U) return {replacement, 1};
    point = (point << 6) | (next & 0x3FU);
  }
  const bool overlong = (length == 3 && point < 0x800) || (length == 4 && point < 0x10000);
  const bool surrogate = point >= 0xD800 && point <= 0xDFFF;
  return overlong || surrogate || point > 0x10FFFF ? Decoded{replacement, 1}
                                                   : Decoded{point, length};
}

// Characters without a shape of their own that change what is around them.
bool is_treacherous(char32_t c) noexcept {
  return c < 0x20 || (c >= 0x7F && c <= 0x9F) || c == 0x061C || c == 0x200E || c == 0x200F ||
         c == 0x2028 || c == 0x2029 || (c >= 0x202A && c <= 0x202E) ||
         (c >= 0x2066 && c <= 0x2069) || c == 0xFEFF || (c >= 0xE0000 && c <= 0xE007F);
}

bool is_blank(char32_t c) noexcept {
  return c == '\n' || c == '\r' || c == '\t' || c == 0x2028 || c == 0x2029;
}

std::size_t width_of(char32_t c) noexcept {
  const int width = ::wcwidth(static_cast<wchar_t>(c));
  return width < 0 ? 1 : static_cast<std::size_t>(width);  // -1: unknown to this locale
}

}  // namespace

std::string printable(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const Decoded next = decode(text);
    if (is_blank(next.point)) {
      out += ' ';
    } else if (next.point == replacement) {
      out += "\xEF\xBF\xBD";
    } else if (!is_treacherous(next.point)) {
      out += text.substr(0, next.bytes);
    }
    text.remove_prefix(next.bytes);
  }
  return out;
}

std::string printable_json(std::string_view json) {
  std::string out;
  out.reserve(json.size());
  while (!json.empty()) {
    const Decoded next = decode(json);
    const bool layout = next.point == '\n' || next.point == '\r' || next.point == '\t';
    if (!is_treacherous(next.point) || layout) {
      out +=
          next.point == replacement ? std::string_view{"\xEF\xBF\xBD"} : json.substr(0, next.bytes);
    } else if (next.point < 0x10000) {
      out += fmt::format("\\u{:04x}", static_cast<unsigned>(next.point));
    } else {
      const auto rest = static_cast<unsigned>(next.point) - 0x10000U;
      out += fmt::format("\\u{:04x}\\u{:04x}", 0xD800U + (rest >> 10), 0xDC00U + (rest & 0x3FFU));
    }
    json.remove_prefix(next.bytes);
  }
  return out;
}

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
    const Decoded next = decode(text);
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
    const Decoded next = decode(text);
    used += width_of(next.point);
    if (used > width) break;
    out += text.substr(0, next.bytes);
    text.remove_prefix(next.bytes);
  }
  while (out.ends_with(' ')) out.pop_back();
  return out + "…";
}

}  // namespace signalbox
