#include "gateway/cli/doctor/report.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cassert>

#include "gateway/cli/screen/phrases.hpp"

namespace signalbox {

std::string_view to_string(Grade grade) noexcept {
  if (grade == Grade::good) return "good";
  return grade == Grade::warning ? "warning" : "bad";
}

void DoctorReport::good(std::string check, std::string found) {
  lines_.push_back({std::move(check), Grade::good, std::move(found), {}});
}

void DoctorReport::warning(std::string check, std::string found, std::string advice) {
  assert(!advice.empty());
  lines_.push_back({std::move(check), Grade::warning, std::move(found), std::move(advice)});
}

void DoctorReport::bad(std::string check, std::string found, std::string advice) {
  assert(!advice.empty());
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

void examine_room(DoctorReport& report, const std::string& directory, std::uint64_t free_bytes,
                  bool takes_files) {
  const std::string found = fmt::format("{} free for {}", readable_bytes(free_bytes), directory);
  const std::string advice =
      "make room, or lower events.keep: with a full disk no webhook is accepted";
  if (free_bytes < room_bytes_bad || !takes_files) {
    report.bad("data_dir.space", found, advice);
  } else if (free_bytes < room_bytes_warning) {
    report.warning("data_dir.space", found, advice);
  } else {
    report.good("data_dir.space", found);
  }
}

void examine_memory(DoctorReport& report, std::uint64_t used_bytes, std::uint64_t most_bytes) {
  if (most_bytes == 0) {
    report.good("redis.memory", fmt::format("{} used, no limit set", readable_bytes(used_bytes)));
    return;
  }
  const std::string found =
      fmt::format("{} of {} used", readable_bytes(used_bytes), readable_bytes(most_bytes));
  const std::string advice =
      "raise maxmemory, or lower events.keep: when it is full no webhook is accepted";
  if (used_bytes > most_bytes / 100 * 95) {
    report.bad("redis.memory", found, advice);
  } else if (used_bytes > most_bytes / 100 * 80) {
    report.warning("redis.memory", found, advice);
  } else {
    report.good("redis.memory", found);
  }
}

void examine_expiry(DoctorReport& report, const std::string& check, Time expiry, Time now,
                    const std::string& certificate) {
  const std::string until = format_time(expiry);
  const std::string advice =
      fmt::format("renew {}: a running gateway takes the new one over by itself", certificate);
  if (expiry <= now) {
    report.bad(check, "expired at " + until, advice);
  } else if (expiry - now < certificate_warning) {
    report.warning(check, "expires at " + until, advice);
  } else {
    report.good(check, "valid until " + until);
  }
}

}  // namespace signalbox
