#include "gateway/telemetry/counters.hpp"

#include <algorithm>

#include "gateway/telemetry/api_counters.hpp"
#include "gateway/telemetry/archive_counters.hpp"
#include "gateway/telemetry/connection_counters.hpp"
#include "gateway/telemetry/hook_counters.hpp"
#include "gateway/telemetry/message_counters.hpp"
#include "gateway/telemetry/redis_counters.hpp"

namespace signalbox {

void LatencyHistogram::observe(std::chrono::nanoseconds duration) noexcept {
  const auto ns = static_cast<std::uint64_t>(std::max<std::int64_t>(0, duration.count()));
  // A bound is inclusive (le): 10.0 us counts in the bucket of 10, 10.001 us in the next.
  const auto bound =
      std::lower_bound(latency_bounds_us.begin(), latency_bounds_us.end(), (ns + 999) / 1000);
  buckets_[static_cast<std::size_t>(bound - latency_bounds_us.begin())].add();
  sum_ns_.add(ns);
}

struct alignas(64) ThreadCounters::All {
  HookCounters hooks;
  MessageCounters messages;
  RedisCounters redis;
  ConnectionCounters connections;
  ArchiveCounters archive;
  ApiCounters api;
};

ThreadCounters::ThreadCounters()
    : all_{std::make_unique<All>()},
      api{all_->api},
      archive{all_->archive},
      connections{all_->connections},
      hooks{all_->hooks},
      messages{all_->messages},
      redis{all_->redis} {}

ThreadCounters::~ThreadCounters() = default;

}  // namespace signalbox
