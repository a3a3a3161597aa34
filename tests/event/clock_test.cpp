#include "event/clock.hpp"

#include <catch2/catch.hpp>

namespace signalbox {
namespace {

Time at(std::int64_t ms) { return Time{Milliseconds{ms}}; }

TEST_CASE("times are read in any offset and written in UTC") {
  struct Row {
    std::string_view text;
    std::int64_t ms;
    std::string_view written;
  };
  const Row rows[] = {
      {"1970-01-01T00:00:00Z", 0, "1970-01-01T00:00:00Z"},
      {"2026-11-22T10:00:00Z", 1'795'341'600'000, "2026-11-22T10:00:00Z"},
      {"2026-11-22t10:00:00.5z", 1'795'341'600'500, "2026-11-22T10:00:00.500Z"},
      {"2026-11-22 10:00:00.123999Z", 1'795'341'600'123, "2026-11-22T10:00:00.123Z"},
      {"2026-11-22T12:30:00+02:30", 1'795'341'600'000, "2026-11-22T10:00:00Z"},
      {"2026-11-22T02:00:00.000-0800", 1'795'341'600'000, "2026-11-22T10:00:00Z"},
      {"2026-11-23T09:59:00+23:59", 1'795'341'600'000, "2026-11-22T10:00:00Z"},
      {"2024-02-29T23:59:60Z", 1'709'251'200'000, "2024-03-01T00:00:00Z"},
      {"1969-12-31T23:59:59.999Z", -1, "1969-12-31T23:59:59.999Z"},
      {"0001-01-01T00:00:00Z", -62'135'596'800'000, "0001-01-01T00:00:00Z"},
  };
  for (const auto& [text, ms, written] : rows) {
    INFO(text);
    REQUIRE(parse_time(text) == at(ms));
    CHECK(format_time(at(ms)) == written);
  }
}

TEST_CASE("what is no RFC 3339 time is nothing") {
  for (const std::string_view text : {"",
                                      "2026",
                                      "2026-11-22",
                                      "2026-11-22T10:00:00",
                                      "2026-11-22T10:00Z",
                                      "2026-13-01T00:00:00Z",
                                      "2026-02-29T00:00:00Z",
                                      "2026-00-10T00:00:00Z",
                                      "2026-01-00T00:00:00Z",
                                      "2026-01-01T24:00:00Z",
                                      "2026-01-01T00:60:00Z",
                                      "2026-01-01T00:00:61Z",
                                      "2026-01-01T00:00:00.Z",
                                      "2026-01-01T00:00:00+24:00",
                                      "2026-01-01T00:00:00+01:60",
                                      "2026-01-01T00:00:00+1:00",
                                      "2026-01-01T00:00:00ZZ",
                                      " 2026-01-01T00:00:00Z",
                                      "2026-1-01T00:00:00Z",
                                      "-026-01-01T00:00:00Z",
                                      "2026/01/01T00:00:00Z",
                                      "1767600000"}) {
    INFO(text);
    CHECK_FALSE(parse_time(text));
  }
}

TEST_CASE("durations are an integer and a unit") {
  const std::pair<std::string_view, std::int64_t> rows[] = {
      {"0s", 0},
      {"250ms", 250},
      {"30s", 30'000},
      {"5m", 300'000},
      {"8h", 28'800'000},
      {"3d", 259'200'000},
      {"72h", 259'200'000},
      {"007s", 7'000},
      {"106751991167d", 106'751'991'167 * 86'400'000},
  };
  for (const auto& [text, ms] : rows) {
    INFO(text);
    CHECK(parse_duration(text) == Milliseconds{ms});
  }
  for (const std::string_view text :
       {"", "s", "5", "5 s", "-5s", "-0s", "+5s", "1.5s", "5S", "5sec", "1h30m", "106751991168d",
        "99999999999999999999s", "0x5s", " 5s"}) {
    INFO(text);
    CHECK_FALSE(parse_duration(text));
  }
}

TEST_CASE("a duration is written in its largest unit that is exact, and read back as it was") {
  const std::pair<std::int64_t, std::string_view> rows[] = {
      {0, "0s"},         {1, "1ms"},         {1'500, "1500ms"},   {90'000, "90s"},
      {3'600'000, "1h"}, {86'400'000, "1d"}, {259'200'000, "3d"}, {90'000'000, "25h"},
  };
  for (const auto& [ms, text] : rows) {
    CHECK(format_duration(Milliseconds{ms}) == text);
    CHECK(parse_duration(text) == Milliseconds{ms});
  }
}

TEST_CASE("the system's clock runs in this century") {
  CHECK(SystemClock{}.now() > *parse_time("2024-01-01T00:00:00Z"));
  CHECK(SystemClock{}.now() < *parse_time("2100-01-01T00:00:00Z"));
}

}  // namespace
}  // namespace signalbox
