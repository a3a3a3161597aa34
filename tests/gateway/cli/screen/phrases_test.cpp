// Amounts and ages as people say them.
#include <catch2/catch.hpp>

#include "gateway/cli/screen/phrases.hpp"

namespace signalbox {
namespace {

TEST_CASE("sizes are for people", "[cli][terminal]") {
  CHECK(readable_bytes(0) == "0 bytes");
  CHECK(readable_bytes(1023) == "1023 bytes");
  CHECK(readable_bytes(1536) == "1.5 KiB");
  CHECK(readable_bytes(std::uint64_t{3} << 40U) == "3.0 TiB");
}

}  // namespace
}  // namespace signalbox
