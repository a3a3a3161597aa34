// How often something may happen, as the configuration writes it: "20/1s", or
// {rate: 20/1s, burst: 200}, or off. Thread-safe.
#pragma once

#include <cstdint>
#include <string_view>

#include "event/clock.hpp"
#include "rules/source/yaml_reader.hpp"

namespace signalbox {

inline constexpr std::uint32_t rate_count_max = 1'000'000;
inline constexpr Milliseconds rate_period_max{60 * 60 * 1000};
// Of a rate that names none: what comes in so many seconds at that rate.
inline constexpr std::uint32_t burst_seconds = 10;

struct Rate {
  std::uint32_t count = 0;  // so many each `period`; 0: there is no limit
  Milliseconds period{1000};
  std::uint32_t burst = 1;  // so many at once, 1 at least

  bool limited() const noexcept { return count > 0; }
  bool operator==(const Rate&) const = default;
};

// A rate without a burst of its own.
constexpr Rate each_second(std::uint32_t count) noexcept {
  return {count, Milliseconds{1000}, count * burst_seconds};
}

// Reads an optional rate; without one, or with a wrong one, `into` keeps its default.
void read_rate(YamlFile& file, const YAML::Node& node, std::string_view what, Rate& into);

}  // namespace signalbox
