// Letters of ASCII in the other case, whatever the locale; all other bytes stay as they are.
// Thread-safe.
#pragma once

#include <string>
#include <string_view>

namespace signalbox {

constexpr char ascii_lower(char c) noexcept {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c;
}
constexpr char ascii_upper(char c) noexcept {
  return c >= 'a' && c <= 'z' ? static_cast<char>(c & ~0x20) : c;
}

inline std::string ascii_lower(std::string_view text) {
  std::string out{text};
  for (char& c : out) c = ascii_lower(c);
  return out;
}
inline std::string ascii_upper(std::string_view text) {
  std::string out{text};
  for (char& c : out) c = ascii_upper(c);
  return out;
}

}  // namespace signalbox
