#include "gateway/limits/refusal_lines.hpp"

#include <functional>
#include <string>

#include "gateway/telemetry/log.hpp"

namespace signalbox {

std::string_view to_string(RefusedAt listener) noexcept {
  return listener == RefusedAt::hooks ? "hooks" : "api";
}

bool RefusalLines::take(RefusedAt listener, Reason reason, std::string_view source,
                        Instant now) noexcept {
  constexpr Rate lines{1, refusal_line_interval, refusal_burst_max};
  const std::size_t group = std::hash<std::string_view>{}(source) % groups;
  Bucket& bucket =
      buckets_[static_cast<std::size_t>(listener)][static_cast<std::size_t>(reason)][group];
  if (bucket.lines.take(lines, now).count() == 0) return true;
  bucket.held_back.fetch_add(1, std::memory_order_relaxed);
  return false;
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
