// Text that strangers wrote, made safe for a screen or a log: an escape sequence in it could
// rewrite what stands there, and a mark of direction could reorder it. Pure.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace signalbox {

// The next code point of a text that is not empty, and its bytes; a byte that starts no valid
// sequence counts as U+FFFD of one byte.
struct Utf8Point {
  char32_t point;
  std::size_t bytes;
};
Utf8Point decode_utf8(std::string_view text) noexcept;

// One line of valid UTF-8 without anything that moves a cursor or reorders text: line breaks and
// tabs become spaces; other control characters (C0, C1, DEL), directional and tag characters are
// left out; bytes that are no UTF-8 become U+FFFD.
std::string printable(std::string_view text);

// The same JSON with DEL, C1, directional and tag characters as \u escapes: they are legal in a
// JSON string, and a terminal may obey them.
std::string printable_json(std::string_view json);

// The text, or its beginning in at most `bytes` bytes, cut between characters.
std::string_view within_bytes(std::string_view text, std::size_t bytes) noexcept;

}  // namespace signalbox
