#include "event/printable.hpp"

#include <fmt/format.h>

namespace signalbox {
namespace {

constexpr char32_t replacement_point = 0xFFFD;

std::size_t sequence_length(unsigned char lead) noexcept {
  if (lead < 0x80) return 1;
  if (lead >= 0xC2 && lead <= 0xDF) return 2;
  if (lead >= 0xE0 && lead <= 0xEF) return 3;
  if (lead >= 0xF0 && lead <= 0xF4) return 4;
  return 0;
}

}  // namespace

Utf8Point decode_utf8(std::string_view text) noexcept {
  const auto lead = static_cast<unsigned char>(text.front());
  const std::size_t length = sequence_length(lead);
  if (length == 1) return {lead, 1};
  if (length == 0 || text.size() < length) return {replacement_point, 1};
  char32_t point = lead & (0xFFU >> (length + 1));
  for (std::size_t i = 1; i < length; ++i) {
    const auto next = static_cast<unsigned char>(text[i]);
    if ((next & 0xC0U) != 0x80U) return {replacement_point, 1};
    point = (point << 6) | (next & 0x3FU);
  }
  const bool overlong = (length == 3 && point < 0x800) || (length == 4 && point < 0x10000);
  const bool surrogate = point >= 0xD800 && point <= 0xDFFF;
  return overlong || surrogate || point > 0x10FFFF ? Utf8Point{replacement_point, 1}
                                                   : Utf8Point{point, length};
}

namespace {

// Characters without a shape of their own that change what is around them.
bool is_treacherous(char32_t c) noexcept {
  return c < 0x20 || (c >= 0x7F && c <= 0x9F) || c == 0x061C || c == 0x200E || c == 0x200F ||
         c == 0x2028 || c == 0x2029 || (c >= 0x202A && c <= 0x202E) ||
         (c >= 0x2066 && c <= 0x2069) || c == 0xFEFF || (c >= 0xE0000 && c <= 0xE007F);
}

bool is_blank(char32_t c) noexcept {
  return c == '\n' || c == '\r' || c == '\t' || c == 0x2028 || c == 0x2029;
}

}  // namespace

std::string printable(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const Utf8Point next = decode_utf8(text);
    if (is_blank(next.point)) {
      out += ' ';
    } else if (next.point == replacement_point) {
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
    const Utf8Point next = decode_utf8(json);
    const bool layout = next.point == '\n' || next.point == '\r' || next.point == '\t';
    if (!is_treacherous(next.point) || layout) {
      out += next.point == replacement_point ? std::string_view{"\xEF\xBF\xBD"}
                                             : json.substr(0, next.bytes);
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

std::string_view within_bytes(std::string_view text, std::size_t bytes) noexcept {
  if (text.size() <= bytes) return text;
  while (bytes > 0 && (static_cast<unsigned char>(text[bytes]) & 0xC0U) == 0x80U) --bytes;
  return text.substr(0, bytes);
}

}  // namespace signalbox
