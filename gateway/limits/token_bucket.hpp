// A token bucket that any number of threads take from without a lock: the generic cell rate
// algorithm (ITU-T I.371, annex A), whose whole state is one time.
#pragma once

#include <atomic>
#include <chrono>

#include "gateway/config/rate.hpp"

namespace signalbox {

class TokenBucket {
 public:
  using Clock = std::chrono::steady_clock;

  // Takes a token, and answers zero; or takes none, and answers how long it is until there is one.
  // A rate without a limit always has one.
  std::chrono::nanoseconds take(const Rate& rate, Clock::time_point now) noexcept;

  // The same without taking.
  std::chrono::nanoseconds wait(const Rate& rate, Clock::time_point now) const noexcept;

  // Whether it is as full as it can be: nothing is remembered then.
  bool full(Clock::time_point now) const noexcept {
    return filled_at_.load(std::memory_order_relaxed) <= now.time_since_epoch().count();
  }

 private:
  // Nanoseconds of the clock at which the bucket is full again, if nothing more is taken.
  std::atomic<std::int64_t> filled_at_{0};
};

}  // namespace signalbox
