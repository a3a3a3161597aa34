// One pattern against one event, for `signalbox eval`: an automaton of a single rule, so that it
// answers and explains as the gateway does. Thread-safe.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>

#include "rules/automaton/automaton.hpp"

namespace signalbox {

// The automaton of the pattern alone, which is its rule 0. invalid_argument says what is wrong.
Result<std::shared_ptr<const Automaton>> compile_single_pattern(std::string_view json);

enum class PatternAnswer : std::uint8_t { no_match, match, invalid_pattern, invalid_event };

// Text against text. An event is one JSON object and nothing else.
PatternAnswer answer_pattern(std::string_view pattern, std::string_view event);

}  // namespace signalbox
