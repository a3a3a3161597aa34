#include "event/json_escape.hpp"

#include <algorithm>
#include <cstdint>
#include <cstring>

namespace signalbox {
namespace {

std::optional<std::uint32_t> read_hex4(std::string_view text) noexcept {
  if (text.size() < 4) return std::nullopt;
  std::uint32_t value = 0;
  for (char c : text.substr(0, 4)) {
    value <<= 4;
    if (c >= '0' && c <= '9') {
      value |= static_cast<std::uint32_t>(c - '0');
    } else if ((c | 0x20) >= 'a' && (c | 0x20) <= 'f') {
      value |= static_cast<std::uint32_t>((c | 0x20) - 'a' + 10);
    } else {
      return std::nullopt;
    }
  }
  return value;
}

void append_utf8(std::string& out, std::uint32_t code) {
  const auto byte = [&out](std::uint32_t bits) { out += static_cast<char>(bits); };
  if (code < 0x80) {
    byte(code);
  } else if (code < 0x800) {
    byte(0xC0 | (code >> 6));
    byte(0x80 | (code & 0x3F));
  } else if (code < 0x10000) {
    byte(0xE0 | (code >> 12));
    byte(0x80 | ((code >> 6) & 0x3F));
    byte(0x80 | (code & 0x3F));
  } else {
    byte(0xF0 | (code >> 18));
    byte(0x80 | ((code >> 12) & 0x3F));
    byte(0x80 | ((code >> 6) & 0x3F));
    byte(0x80 | (code & 0x3F));
  }
}

bool is_high_surrogate(std::uint32_t code) noexcept { return code >= 0xD800 && code < 0xDC00; }
bool is_low_surrogate(std::uint32_t code) noexcept { return code >= 0xDC00 && code < 0xE000; }

// Reads what follows "\u" and advances over it, a second half of a pair included.
std::uint32_t read_code_point(std::string_view& text) {
  constexpr std::uint32_t replacement = 0xFFFD;
  const std::uint32_t first = read_hex4(text).value_or(replacement);
  text.remove_prefix(4);
  if (is_low_surrogate(first)) return replacement;
  if (!is_high_surrogate(first)) return first;
  if (!text.starts_with("\\u")) return replacement;
  const std::uint32_t second = read_hex4(text.substr(2)).value_or(0);
  if (!is_low_surrogate(second)) return replacement;
  text.remove_prefix(6);
  return 0x10000 + ((first - 0xD800) << 10) + (second - 0xDC00);
}

bool is_plain(char c) noexcept {
  return static_cast<unsigned char>(c) >= 0x20 && c != '"' && c != '\\';
}

// Whether all of eight bytes are plain. Each test sets the top bit of the bytes that fail it, and
// maybe of others above one that does.
bool are_plain(const char* eight) noexcept {
  constexpr std::uint64_t ones = 0x0101010101010101;
  std::uint64_t bytes = 0;
  std::memcpy(&bytes, eight, sizeof bytes);
  const auto zeros = [](std::uint64_t each) { return (each - ones) & ~each; };
  const std::uint64_t below_blank = (bytes - ones * 0x20) & ~bytes;
  const std::uint64_t quotes = zeros(bytes ^ ones * '"');
  const std::uint64_t backslashes = zeros(bytes ^ ones * '\\');
  return ((below_blank | quotes | backslashes) & ones * 0x80) == 0;
}

// The first position from `at` on whose byte needs an escape; the end where there is none.
std::size_t skip_plain(std::string_view text, std::size_t at) noexcept {
  while (at + 8 <= text.size() && are_plain(text.data() + at)) at += 8;
  while (at < text.size() && is_plain(text[at])) ++at;
  return at;
}

char simple_escape(char c) noexcept {
  switch (c) {
    case 'b':
      return '\b';
    case 'f':
      return '\f';
    case 'n':
      return '\n';
    case 'r':
      return '\r';
    case 't':
      return '\t';
    default:
      return c;
  }
}

}  // namespace

std::optional<std::size_t> find_invalid_escape(std::string_view text, bool& any) noexcept {
  for (std::size_t at = text.find('\\'); at != std::string_view::npos;) {
    any = true;
    const char c = at + 1 < text.size() ? text[at + 1] : '\0';
    std::size_t next = at + 2;
    if (c == 'u') {
      if (!read_hex4(text.substr(next))) return at;
      next += 4;
    } else if (c == '\0' || std::memchr("\"\\/bfnrt", c, 8) == nullptr) {
      return at;
    }
    at = text.find('\\', next);
  }
  return std::nullopt;
}

std::string unescape_json(std::string_view inner) {
  std::string out;
  append_unescaped(out, inner);
  return out;
}

void append_unescaped(std::string& out, std::string_view inner) {
  out.reserve(out.size() + inner.size());
  while (!inner.empty()) {
    const std::size_t plain = std::min(inner.find('\\'), inner.size());
    out.append(inner.substr(0, plain));
    inner.remove_prefix(plain);
    if (inner.size() < 2) break;
    const char c = inner[1];
    inner.remove_prefix(2);
    if (c == 'u') {
      append_utf8(out, read_code_point(inner));
    } else {
      out += simple_escape(c);
    }
  }
}

void append_json_text(std::string& out, std::string_view text) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::size_t copied = 0;
  for (std::size_t i = skip_plain(text, 0); i < text.size(); i = skip_plain(text, i + 1)) {
    const auto c = static_cast<unsigned char>(text[i]);
    out.append(text.substr(copied, i - copied));
    copied = i + 1;
    out += '\\';
    switch (c) {
      case '\n':
        out += 'n';
        break;
      case '\r':
        out += 'r';
        break;
      case '\t':
        out += 't';
        break;
      case '"':
      case '\\':
        out += static_cast<char>(c);
        break;
      default:
        out += "u00";
        out += digits[c >> 4];
        out += digits[c & 15];
    }
  }
  out.append(text.substr(copied));
}

void append_json_string(std::string& out, std::string_view text) {
  out += '"';
  append_json_text(out, text);
  out += '"';
}

void append_json_list(std::string& out, std::span<const std::string> texts) {
  out += '[';
  for (const std::string& text : texts) {
    if (&text != texts.data()) out += ',';
    append_json_string(out, text);
  }
  out += ']';
}

std::string json_list(std::span<const std::string> texts) {
  std::string out;
  append_json_list(out, texts);
  return out;
}

}  // namespace signalbox
