// Whether what rules make of an event is what a rule's test expects. Making the event of a body,
// which needs connectors and their samples, is the caller's part. Pure, thread-safe.
#pragma once

#include <string>
#include <vector>

#include "rules/rule_set.hpp"

namespace signalbox {

// One line for each thing that differs; empty when the test passes. Only what the test's own rule
// did counts; where it did not match, the condition that failed or the rule that stopped is named.
// Expected messages may come in any order, each message meets one expectation.
std::vector<std::string> check_rule_test(const RuleTest& test, const RuleSet& rules,
                                         const Event& event);

}  // namespace signalbox
