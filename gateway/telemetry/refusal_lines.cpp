#include "gateway/telemetry/refusal_lines.hpp"

#include <algorithm>
#include <functional>
#include <string>

#include "gateway/telemetry/log.hpp"

namespace signalbox {

std::string_view to_string(RefusedAt listener) noexcept {
  return listener == RefusedAt::hooks ? "hooks" : "api";
}

bool RefusalLines::take(RefusedAt listener, Reason reason, std::string_view source,
                        Instant now) noexcept {
  using std::chrono::nanoseconds;
  constexpr std::int64_t step = nanoseconds{refusal_line_interval}.count();
  constexpr std::int64_t room = step * static_cast<std::int64_t>(refusal_burst_max);
  const std::size_t group = std::hash<std::string_view>{}(source) % groups;
  Bucket& bucket =
      buckets_[static_cast<std::size_t>(listener)][static_cast<std::size_t>(reason)][group];
  const std::int64_t at = nanoseconds{now.time_since_epoch()}.count();
  std::int64_t full_until = bucket.full_until.load(std::memory_order_relaxed);
  std::int64_t next = 0;
  do {
    next = std::max(full_until, at) + step;
    if (next - at > room) {
      bucket.held_back.fetch_add(1, std::memory_order_relaxed);
      return false;
    }
  } while (!bucket.full_until.compare_exchange_weak(full_until, next, std::memory_order_relaxed));
  return true;
}

void RefusalLines::tell() {
  for (const RefusedAt listener : {RefusedAt::hooks, RefusedAt::api}) {
    for (const ReasonRow& row : all_reasons()) {
      std::uint64_t count = 0;
      for (Bucket& bucket :
           buckets_[static_cast<std::size_t>(listener)][static_cast<std::size_t>(row.reason)]) {
        count += bucket.held_back.exchange(0, std::memory_order_relaxed);
      }
      if (count == 0) continue;
      log_line(row.severity, "more refused",
               {{"listener", to_string(listener)},
                {"reason", row.name},
                {"count", std::to_string(count)}});
    }
  }
}

}  // namespace signalbox
