// What a thread counts of the webhooks that it takes: gateway/hooks.
#pragma once

#include "event/clock.hpp"
#include "event/error.hpp"
#include "gateway/telemetry/counters.hpp"

namespace signalbox {

enum class Stage : std::uint8_t { verify, decide, store, total };
inline constexpr std::size_t stage_count = 4;

enum class DeliveryStatus : std::uint8_t {
  accepted,
  partly_dropped,
  no_match,
  dropped,
  duplicate,
  deferred
};
inline constexpr std::size_t delivery_status_count = 6;

// One source's, on one thread.
struct SourceCounters {
  Counter received;
  Counter received_bytes;
  Counter verified;
  std::array<Counter, delivery_status_count> by_status;  // by DeliveryStatus
  std::array<Counter, reason_count> refused;             // by Reason
};

// Counts what happened lately: in the last ten to twenty minutes. Written by its own thread only.
class LatelyCounter {
 public:
  static constexpr std::chrono::minutes span{10};

  void add(Time now) noexcept {
    const std::int64_t slot = slot_of(now);
    if (const std::int64_t last = slot_.load(std::memory_order_relaxed); last != slot) {
      before_.store(last + 1 == slot ? in_slot_.load(std::memory_order_relaxed) : 0,
                    std::memory_order_relaxed);
      in_slot_.store(0, std::memory_order_relaxed);
      slot_.store(slot, std::memory_order_relaxed);
    }
    in_slot_.fetch_add(1, std::memory_order_relaxed);
  }

  std::uint64_t value(Time now) const noexcept {
    const std::int64_t age = slot_of(now) - slot_.load(std::memory_order_relaxed);
    if (age < 0 || age > 1) return 0;
    const std::uint64_t last = in_slot_.load(std::memory_order_relaxed);
    return age == 1 ? last : last + before_.load(std::memory_order_relaxed);
  }

 private:
  static std::int64_t slot_of(Time now) noexcept { return now.time_since_epoch() / span; }

  std::atomic<std::int64_t> slot_{-2};
  std::atomic<std::uint64_t> in_slot_{0};
  std::atomic<std::uint64_t> before_{0};
};

struct HookCounters {
  std::array<Counter, reason_count> refused;  // by Reason; before a source was known
  // Deliveries with a good signature whose time was out of range: our clock may be wrong.
  LatelyCounter out_of_time;
  Counter rules_matched;
  Counter rules_failed;
  std::array<LatencyHistogram, stage_count> stages;  // by Stage
};

}  // namespace signalbox
