// Counters that one thread writes and a scrape reads: no lock and no shared cache line on the
// request path. Label sets are closed: sources and kinds come from the configuration and
// enumerations, never from a request.
//
// Each part of the gateway has counters of its own, in a header of their own here, so that one more
// is compiled into that part and into the table of metrics only (monitoring/metric_rows.cpp).
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>

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

struct ApiCounters;
struct ArchiveCounters;
struct ConnectionCounters;
struct HookCounters;
struct MessageCounters;
struct RedisCounters;

// All counters of one thread, which share a cache line with nobody else's.
class ThreadCounters {
  struct All;
  std::unique_ptr<All> all_;  // first: the references below lead into it

 public:
  ThreadCounters();
  ~ThreadCounters();

  ApiCounters& api;
  ArchiveCounters& archive;
  ConnectionCounters& connections;
  HookCounters& hooks;
  MessageCounters& messages;
  RedisCounters& redis;
};

}  // namespace signalbox
