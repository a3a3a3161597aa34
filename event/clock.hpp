// Time as an argument: nothing below the gateway reads a clock by itself. Wall-clock times are UTC
// milliseconds; Redis's own clock decides leases and expiry.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace signalbox {

using Milliseconds = std::chrono::milliseconds;
using Time = std::chrono::sys_time<Milliseconds>;

// Thread-safe.
struct Clock {
  virtual ~Clock() = default;
  virtual Time now() const = 0;
};

struct SystemClock final : Clock {
  Time now() const override {
    return std::chrono::time_point_cast<Milliseconds>(std::chrono::system_clock::now());
  }
};

// RFC 3339 in UTC, "2026-11-22T10:00:00Z"; milliseconds are written only when they are not zero.
// Years 0 to 9999.
std::string format_time(Time time);
void append_time(std::string& out, Time time);

// RFC 3339 with any offset; fractions beyond milliseconds are cut. Nothing for anything else.
std::optional<Time> parse_time(std::string_view text);

// "250ms", "30s", "5m", "8h", "3d": an integer and a unit. Nothing for anything else or out of 64
// bits.
std::optional<Milliseconds> parse_duration(std::string_view text);

// The shortest of the forms above that is exact: 90000 ms is "90s".
std::string format_duration(Milliseconds duration);

}  // namespace signalbox
