// Whether a decision is what a rule's test expects. Running tests, which needs connectors to make
// events of bodies, is the caller's part. Pure, thread-safe.
#pragma once

#include <string>
#include <vector>

#include "rules/rule_set.hpp"

namespace signalbox {

// One line for each thing that differs; empty when the test passes. Only what the test's own rule
// did counts. Expected messages may come in any order, each message meets one expectation.
std::vector<std::string> check_rule_test(const RuleTest& test, const Decision& decision);

}  // namespace signalbox
