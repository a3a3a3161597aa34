// Pauses between tries that double, from the first one to the longest. Pure.
#pragma once

#include <algorithm>
#include <cassert>
#include <utility>

#include "event/clock.hpp"

namespace signalbox {

class Backoff {
 public:
  constexpr Backoff(Milliseconds first, Milliseconds longest) noexcept
      : first_{first}, longest_{longest}, next_{first} {
    assert(first.count() > 0 && first <= longest);
  }

  // How long to pause this time.
  constexpr Milliseconds next() noexcept {
    return std::exchange(next_, std::min(next_ * 2, longest_));
  }
  // Something worked: the next pause is the first one again.
  constexpr void reset() noexcept { next_ = first_; }

 private:
  Milliseconds first_;
  Milliseconds longest_;
  Milliseconds next_;
};

}  // namespace signalbox
