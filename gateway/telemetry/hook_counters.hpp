// What a thread counts of the webhooks that it takes: gateway/hooks.
#pragma once

#include "event/error.hpp"
#include "gateway/telemetry/counters.hpp"

namespace signalbox {

enum class Stage : std::uint8_t { verify, decide, store, total };
inline constexpr std::size_t stage_count = 4;

enum class DeliveryStatus : std::uint8_t { accepted, no_match, dropped, duplicate, deferred };
inline constexpr std::size_t delivery_status_count = 5;

// One source's, on one thread.
struct SourceCounters {
  Counter received;
  Counter received_bytes;
  Counter verified;
  std::array<Counter, delivery_status_count> by_status;  // by DeliveryStatus
  std::array<Counter, reason_count> refused;             // by Reason
};

struct HookCounters {
  std::array<Counter, reason_count> refused;  // by Reason; before a source was known
  Counter rules_matched;
  Counter rules_failed;
  std::array<LatencyHistogram, stage_count> stages;  // by Stage
};

}  // namespace signalbox
