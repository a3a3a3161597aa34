#include "gateway/telemetry/counters.hpp"

#include <algorithm>

namespace signalbox {

void LatencyHistogram::observe(std::chrono::nanoseconds duration) noexcept {
  const auto ns = static_cast<std::uint64_t>(std::max<std::int64_t>(0, duration.count()));
  // A bound is inclusive (le): 10.0 us counts in the bucket of 10, 10.001 us in the next.
  const auto bound =
      std::lower_bound(latency_bounds_us.begin(), latency_bounds_us.end(), (ns + 999) / 1000);
  buckets_[static_cast<std::size_t>(bound - latency_bounds_us.begin())].add();
  sum_ns_.add(ns);
}

}  // namespace signalbox
