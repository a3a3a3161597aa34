// When a stream that ended is opened again, and when it is given up. Decides only: the clock is an
// argument, and who asks does the waiting.
#pragma once

#include <algorithm>
#include <cassert>
#include <chrono>
#include <utility>

#include "event/clock.hpp"

namespace signalbox {

class Reconnection {
 public:
  using Instant = std::chrono::steady_clock::time_point;
  static constexpr Milliseconds pause_first{500};
  static constexpr Milliseconds pause_max{15'000};
  static constexpr std::chrono::minutes away_max{10};

  explicit Reconnection(Instant now) : last_heard_{now} {}

  // The server opened a stream.
  void answered() noexcept { answered_ = true; }

  // Something came through the stream.
  void heard(Instant now) noexcept {
    answered();
    pause_ = pause_first;
    last_heard_ = now;
  }

  // Whether a call without an answer is the last one: there never was any, or the last thing was
  // heard longer ago than `away_max`.
  bool is_over(Instant now) const noexcept { return !answered_ || now - last_heard_ > away_max; }

  // How long to wait before the next call; twice as long each time, up to `pause_max`.
  Milliseconds next_pause() noexcept {
    assert(pause_ >= pause_first && pause_ <= pause_max);
    return std::exchange(pause_, std::min(pause_ * 2, pause_max));
  }

 private:
  bool answered_ = false;
  Milliseconds pause_ = pause_first;
  Instant last_heard_;
};

}  // namespace signalbox
