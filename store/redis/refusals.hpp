// Since when a server has answered nothing but "no": it is reached, and takes no writes. Used from
// one thread only.
#pragma once

#include <chrono>
#include <optional>

#include "event/clock.hpp"

namespace signalbox {

class Refusals {
 public:
  using Clock = std::chrono::steady_clock;

  // True for the first one since something was taken.
  bool refused(Clock::time_point now = Clock::now()) {
    if (since_) return false;
    since_ = now;
    return true;
  }
  void taken() noexcept { since_.reset(); }

  bool any() const noexcept { return since_.has_value(); }
  bool last_longer_than(Milliseconds time, Clock::time_point now = Clock::now()) const noexcept {
    return since_ && now - *since_ > time;
  }

  // A server that says that it is a replica is left for a new connection, but not at each answer.
  bool may_reconnect(Clock::time_point now = Clock::now()) {
    if (reconnected_ && now - *reconnected_ < reconnect_pause) return false;
    reconnected_ = now;
    return true;
  }
  static constexpr Milliseconds reconnect_pause{1'000};

 private:
  std::optional<Clock::time_point> since_;
  std::optional<Clock::time_point> reconnected_;
};

}  // namespace signalbox
