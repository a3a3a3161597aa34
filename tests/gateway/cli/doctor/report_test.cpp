// Grades of what doctor examines.
#include <catch2/catch.hpp>

#include "gateway/cli/doctor/report.hpp"

namespace signalbox {
namespace {

TEST_CASE("clocks may differ by their precision and a second, and are bad from a minute on",
          "[cli][doctor]") {
  const auto grade = [](std::int64_t ahead_ms, std::int64_t precision_ms) {
    DoctorReport report;
    examine_clock(report, "redis.clock", "Redis's clock", Milliseconds{ahead_ms},
                  Milliseconds{precision_ms});
    REQUIRE(report.lines().size() == 1);
    return report.lines().front().grade;
  };
  CHECK(grade(0, 0) == Grade::good);
  CHECK(grade(-1'000, 0) == Grade::good);
  CHECK(grade(1'001, 0) == Grade::warning);
  CHECK(grade(-1'900, 1'000) == Grade::good);
  CHECK(grade(-60'000, 0) == Grade::warning);
  CHECK(grade(-60'001, 0) == Grade::bad);
  CHECK(grade(60'001, 1'000) == Grade::bad);
}

}  // namespace
}  // namespace signalbox
