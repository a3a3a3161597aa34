// How a condition is written that looks at no value of the body, as far as its shape tells.
#pragma once

#include <string>
#include <vector>

#include "rules/lint/paths.hpp"
#include "rules/pattern/written_condition.hpp"

namespace signalbox {

// Behind "these events are not known to have …": where it is, or how it is said.
std::string unknown_field_hint(const WrittenCondition& condition,
                               const std::vector<const PayloadShape*>& bodies,
                               const PathFacts& facts);

// Of a field that is an object or a list of some: ": write labels: {name: [bug]}"; empty where none
// of its fields stands out.
std::string inner_value_hint(const WrittenCondition& condition, const PathFacts& facts);

}  // namespace signalbox
