#include "connectors/names.hpp"

namespace signalbox {
namespace {

bool is_letter_or_digit(char c) noexcept {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

bool is_utf8_continuation(char c) noexcept {
  return (static_cast<unsigned char>(c) & 0xC0) == 0x80;
}

}  // namespace

bool is_plain_name(std::string_view text, std::string_view also, std::size_t bytes_max) noexcept {
  if (text.empty() || text.size() > bytes_max) return false;
  for (const char c : text) {
    if (is_letter_or_digit(c) || c == '.' || c == '_' || c == '-') continue;
    if (also.find(c) == std::string_view::npos) return false;
  }
  return true;
}

std::string snake_case(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (out.size() == name_bytes_max) break;
    if (is_utf8_continuation(c)) continue;  // one '_' a character, not one a byte
    if (!is_letter_or_digit(c)) {
      out += '_';
    } else {
      out += c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c;
    }
  }
  return out;
}

}  // namespace signalbox
