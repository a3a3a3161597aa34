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

template <class Examine>
Grade grade_of(const Examine& examine) {
  DoctorReport report;
  examine(report);
  REQUIRE(report.lines().size() == 1);
  return report.lines().front().grade;
}

TEST_CASE("less than 1 GiB of room is a warning, less than 128 MiB is bad",
          "[cli][doctor][limits]") {
  const auto grade = [](std::uint64_t bytes, bool takes_files = true) {
    return grade_of([&](auto& report) { examine_room(report, "/data", bytes, takes_files); });
  };
  CHECK(grade(std::uint64_t{1} << 30U) == Grade::good);
  CHECK(grade((std::uint64_t{1} << 30U) - 1) == Grade::warning);
  CHECK(grade(std::uint64_t{128} << 20U) == Grade::warning);
  CHECK(grade((std::uint64_t{128} << 20U) - 1) == Grade::bad);
  CHECK(grade(std::uint64_t{1} << 40U, false) == Grade::bad);
}

TEST_CASE("more than 80 % of Redis's memory is a warning, more than 95 % is bad",
          "[cli][doctor][limits]") {
  const auto grade = [](std::uint64_t used, std::uint64_t most) {
    return grade_of([&](auto& report) { examine_memory(report, used, most); });
  };
  CHECK(grade(8'000, 10'000) == Grade::good);
  CHECK(grade(8'001, 10'000) == Grade::warning);
  CHECK(grade(9'500, 10'000) == Grade::warning);
  CHECK(grade(9'501, 10'000) == Grade::bad);
  CHECK(grade(9'501, 0) == Grade::good);
}

TEST_CASE("a certificate with less than two weeks left is a warning, without any is bad",
          "[cli][doctor][limits]") {
  const Time now = *parse_time("2026-11-22T10:00:00Z");
  const auto grade = [&](Milliseconds left) {
    return grade_of(
        [&](auto& report) { examine_expiry(report, "certificate.api", now + left, now, "c.pem"); });
  };
  constexpr std::chrono::hours two_weeks{14 * 24};
  CHECK(grade(two_weeks) == Grade::good);
  CHECK(grade(two_weeks - Milliseconds{1}) == Grade::warning);
  CHECK(grade(Milliseconds{1}) == Grade::warning);
  CHECK(grade(Milliseconds{0}) == Grade::bad);
}

}  // namespace
}  // namespace signalbox
