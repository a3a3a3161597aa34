// Rule files that are named on the command line, checked against the agents and topics of the
// configuration.
#pragma once

#include <string>
#include <vector>

#include "gateway/cli/settings.hpp"

namespace signalbox {

// True for the text of a rule file, false for that of a configuration: both have `rules:`, a list
// of rules in one and of file names in the other.
bool holds_rules(const std::string& text);

// The texts of rule files, each named by its path; the first that cannot be read.
Result<std::vector<RuleFile>> read_rule_files(const std::vector<std::string>& files);

// usage when there is no configuration to name the agents, or a file cannot be read.
Attempt<LoadedRules> load_rule_files(const Installation& installation,
                                     const std::vector<std::string>& files);

}  // namespace signalbox
