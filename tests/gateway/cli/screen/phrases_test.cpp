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

TEST_CASE("a unit ends where the next begins", "[cli][terminal][limits]") {
  CHECK(readable_bytes(1024) == "1.0 KiB");
  CHECK(readable_bytes(std::uint64_t{5} << 50U) == "5120.0 TiB");
  const Time now = *parse_time("2026-11-22T10:00:00Z");
  const auto age = [&](std::int64_t ago) {
    return age_of(format_time(now - std::chrono::seconds{ago}), now);
  };
  CHECK(age(-5) == "0s");
  CHECK(age(59) == "59s");
  CHECK(age(60) == "1m");
  CHECK(age(3'599) == "59m");
  CHECK(age(3'600) == "1h");
  CHECK(age(48 * 3'600 - 1) == "47h");
  CHECK(age(48 * 3'600) == "2d");
  CHECK(age_of("yesterday", now).empty());
  CHECK(counted(0, "rule") == "0 rules");
  CHECK(counted(1, "rule") == "1 rule");
  CHECK(counted(2, "rule") == "2 rules");
}

}  // namespace
}  // namespace signalbox
