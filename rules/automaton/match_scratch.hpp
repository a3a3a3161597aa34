// What one thread needs to match events against a set of rules, kept from event to event so that
// nothing is allocated once it has grown. It fits itself to the set at hand; going back and forth
// between sets is right and slow.
#pragma once

#include <cassert>
#include <cstdint>
#include <string>
#include <vector>

#include "rules/automaton/element_choice.hpp"
#include "rules/automaton/event_fields.hpp"

namespace signalbox {

struct MatchScratch {
  std::uint64_t owner = 0;  // the set that it fits
  std::uint32_t epoch = 0;  // of the event; below 2^31
  EventFields fields;
  std::vector<std::uint32_t> known;       // by condition: 2 * epoch, + 1 where it holds
  std::vector<std::uint32_t> entered;     // by condition: the epoch in which its program ran
  std::vector<std::uint32_t> reported;    // by rule: the epoch in which it matched
  std::vector<std::uint32_t> seen_grams;  // of wildcards: the epoch in which some value had it
  std::vector<std::uint32_t> hits;        // conditions through which programs are entered
  std::vector<std::uint32_t> matched;     // rules
  std::string lower_case;                 // of a value
  ChoiceScratch choice;

  bool is_known(std::uint32_t condition) const noexcept {
    assert(owner != 0 && condition < known.size());
    return known[condition] >> 1 == epoch;
  }
  void know(std::uint32_t condition, bool holds) noexcept {
    assert(owner != 0 && condition < known.size());
    known[condition] = epoch << 1 | (holds ? 1 : 0);
  }
};

}  // namespace signalbox
