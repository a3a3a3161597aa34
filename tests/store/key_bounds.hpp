// Every key of the store has a bound: a time to live, or a reason to have none and a size. The
// table of them is in key_bounds.cpp; a key that it does not know is found too.
#pragma once

#include <string>

#include "tests/store/store_fixture.hpp"

namespace signalbox::testing {

// What the test's own arguments allow.
struct KeyBounds {
  Milliseconds keep{};    // the longest time that a record is asked to be kept
  Milliseconds window{};  // the longest window of a fact
  Milliseconds ahead{};   // how far the test's clock is ahead of Redis's
  std::uint64_t messages_max =
      1'000;  // of one mailbox, those of one commit that it holds twice included
  std::uint64_t dead_max = dead_letters_max;
};
// What sample_commit() asks for.
inline constexpr KeyBounds sample_bounds{std::chrono::hours{168}, std::chrono::hours{72}};

// A line for each key, of all namespaces, that is not bounded as the table says; empty when all
// are.
std::string unbounded_keys(Direct& direct, const KeyBounds& bounds);

}  // namespace signalbox::testing
