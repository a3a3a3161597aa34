// The rest of printable.hpp is tried where it reaches a screen: tests/gateway/cli/screen.
#include "event/printable.hpp"

#include <catch2/catch.hpp>

namespace signalbox {

TEST_CASE("a text within bytes is cut between characters", "[printable]") {
  const std::string_view text = "a\xe2\x82\xac\xf0\x9f\x98\x80";  // 1, 3 and 4 bytes
  const std::size_t ends[] = {0, 1, 1, 1, 4, 4, 4, 4, 8, 8};
  for (std::size_t bytes = 0; bytes < std::size(ends); ++bytes) {
    CAPTURE(bytes);
    CHECK(within_bytes(text, bytes) == text.substr(0, ends[bytes]));
  }
  CHECK(within_bytes("", 0).empty());
  CHECK(within_bytes("\x80\x80\x80", 2).empty());
}

}  // namespace signalbox
