// Why rules did or did not match an event, in the log at debug level. Without it nothing is done.
#pragma once

#include "rules/rule_set.hpp"

namespace signalbox {

// Rules that a line is written for, of one event: those that matched and the nearest misses.
inline constexpr std::size_t explained_rules_max = 20;

void log_explanations(const RuleSet& rules, const Event& event);

}  // namespace signalbox
