// Marks of attempts, by which the store tells a lost reply from a repetition: no two are alike,
// whichever thread or process makes them. They guard nothing, so a random beginning is enough, and
// the random source is asked once a thread instead of once an event. Not thread-safe.
#pragma once

#include <cassert>
#include <string>

#include "coordination/commit.hpp"
#include "event/ids.hpp"

namespace signalbox {

class AttemptMarks {
 public:
  // `attempt_chars` characters of [0-9A-Za-z].
  std::string next() {
    assert(mark_.size() == attempt_chars);
    for (std::size_t at = mark_.size(); at-- > random_chars;) {
      mark_[at] = following(mark_[at]);
      if (mark_[at] != '0') break;  // no carry
    }
    return mark_;
  }

 private:
  // 65 bits. The digits behind them are as many marks as a thread makes in hours of full load, and
  // only the marks of one event are ever compared.
  static constexpr std::size_t random_chars = 11;

  static char following(char digit) noexcept {
    if (digit == '9') return 'A';
    if (digit == 'Z') return 'a';
    return digit == 'z' ? '0' : static_cast<char>(digit + 1);
  }

  std::string mark_ = random_text(attempt_chars);
};

}  // namespace signalbox
