#include "gateway/cli/doctor/report.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cassert>

namespace signalbox {

std::string_view to_string(Grade grade) noexcept {
  if (grade == Grade::good) return "good";
  return grade == Grade::warning ? "warning" : "bad";
}

void DoctorReport::good(std::string check, std::string found) {
  lines_.push_back({std::move(check), Grade::good, std::move(found), {}});
}

void DoctorReport::warning(std::string check, std::string found, std::string advice) {
  lines_.push_back({std::move(check), Grade::warning, std::move(found), std::move(advice)});
}

void DoctorReport::bad(std::string check, std::string found, std::string advice) {
  lines_.push_back({std::move(check), Grade::bad, std::move(found), std::move(advice)});
}

std::size_t DoctorReport::count(Grade grade) const noexcept {
  return static_cast<std::size_t>(
      std::count_if(lines_.begin(), lines_.end(),
                    [grade](const DoctorLine& line) { return line.grade == grade; }));
}

void examine_clock(DoctorReport& report, const std::string& check, const std::string& whose,
                   Milliseconds ahead, Milliseconds precision) {
  constexpr Milliseconds tolerated{1'000};
  constexpr Milliseconds bad{60'000};
  const Milliseconds off{std::abs(ahead.count())};
  const std::string found =
      fmt::format("{} is {} {} of this machine's clock", whose, format_duration(off),
                  ahead.count() < 0 ? "behind" : "ahead");
  const std::string advice =
      "keep both machines' time by NTP (timedatectl status): signed times are refused when clocks "
      "disagree by minutes";
  if (off <= tolerated + precision) {
    report.good(check, fmt::format("{} agrees with this machine's clock", whose));
  } else if (off <= bad) {
    report.warning(check, found, advice);
  } else {
    report.bad(check, found, advice);
  }
}

}  // namespace signalbox
