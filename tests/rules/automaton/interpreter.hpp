// What a pattern means, in the plainest way: an interpreter that looks at one pattern at a time and
// at each value anew, with an explanation of its own. Only tests have it, and the fuzzer: they hold
// the automaton to its answers.
#pragma once

#include "rules/pattern/pattern.hpp"

namespace signalbox {

struct Interpretation {
  std::size_t passed = 0;  // conditions that held before the one that failed; if matched, all
  const FieldCondition* failed = nullptr;  // of the branch that came furthest, first of equals

  bool matched() const noexcept { return failed == nullptr; }
};

// `event` must be an object. Time is bounded by its size times the number of conditions.
Interpretation interpret(const Pattern& pattern, Json event);

}  // namespace signalbox
