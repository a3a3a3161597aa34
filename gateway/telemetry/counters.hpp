// Counters that one thread writes and a scrape reads: no lock and no shared cache line on the
// request path. Label sets are closed: sources and kinds come from the configuration and
// enumerations, never from a request.
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>

#include "coordination/commit.hpp"
#include "event/error.hpp"
#include "event/message.hpp"

namespace signalbox {

// Written by its own thread only, so that adding needs no read-modify-write.
class Counter {
 public:
  void add(std::uint64_t amount = 1) noexcept {
    value_.store(value_.load(std::memory_order_relaxed) + amount, std::memory_order_relaxed);
  }
  std::uint64_t value() const noexcept { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::uint64_t> value_{0};
};

// Upper bounds in microseconds; the last bucket is +Inf.
inline constexpr std::array<std::uint64_t, 18> latency_bounds_us{
    10,     25,     50,     100,     250,     500,     1'000,     2'500,     5'000,
    10'000, 25'000, 50'000, 100'000, 250'000, 500'000, 1'000'000, 2'500'000, 10'000'000};

class LatencyHistogram {
 public:
  void observe(std::chrono::nanoseconds duration) noexcept;
  std::uint64_t bucket(std::size_t index) const noexcept { return buckets_[index].value(); }
  double sum_seconds() const noexcept { return static_cast<double>(sum_ns_.value()) / 1e9; }

 private:
  std::array<Counter, latency_bounds_us.size() + 1> buckets_;
  Counter sum_ns_;
};

enum class Stage : std::uint8_t { verify, decide, store, total };
inline constexpr std::size_t stage_count = 4;

enum class DeliveryStatus : std::uint8_t { accepted, no_match, dropped, duplicate, deferred };
inline constexpr std::size_t delivery_status_count = 5;

inline constexpr std::size_t message_kind_count = 10;

// Of one source on one thread.
struct SourceCounters {
  Counter received;
  Counter received_bytes;
  Counter verified;
  std::array<Counter, delivery_status_count> by_status;
  std::array<Counter, reason_count> refused;  // by Reason
};

// Of one thread.
struct ThreadCounters {
  std::array<Counter, reason_count> hooks_refused;  // before a source was known
  std::array<Counter, reason_count> api_refused;
  Counter api_requests;
  std::array<Counter, message_kind_count> messages;
  Counter rules_matched;
  Counter rules_failed;
  std::array<LatencyHistogram, stage_count> stages;
  LatencyHistogram redis_round_trip;
  Counter redis_connects;
  Counter redis_losses;  // connections that broke, and attempts to make one that failed
  Counter bodies_archived;
  Counter bodies_not_archived;  // best effort: the queue was full or the store was away
  Counter connections_hooks;
  Counter connections_api;
  Counter tls_handshakes;
  Counter tls_handshakes_failed;
  // Sampled a few times a second.
  std::atomic<std::int64_t> bytes_in_flight{0};
  std::atomic<std::int64_t> waiters{0};  // long polls and streams
};

}  // namespace signalbox
