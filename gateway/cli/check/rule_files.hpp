// Rule files that are named on the command line, checked against the agents and topics of the
// configuration. A repository that holds nothing but rules has none: then anybody may be written
// to.
#pragma once

#include <string>
#include <vector>

#include "gateway/cli/client/settings.hpp"
#include "gateway/cli/screen/terminal.hpp"

namespace signalbox {

// True for the text of a rule file, false for that of a configuration: both have `rules:`, a list
// of rules in one and of file names in the other.
bool holds_rules(const std::string& text);

// The texts of rule files, each named by its path; the first that cannot be read.
Result<std::vector<RuleFile>> read_rule_files(const std::vector<std::string>& files);

// Whether there is a file at a path that stands in a rule file: it counts from that one.
bool has_test_file(std::string_view rule_file, std::string_view path);
// The same path, as the file system has it.
std::string test_file_path(std::string_view rule_file, std::string_view path);

struct RuleSurroundings {
  Recipients recipients;
  std::string site;
};

// usage for a configuration that is wrong. Says on standard error when there is none.
CommandResult<RuleSurroundings> find_surroundings(const Installation& installation,
                                                  Terminal& terminal);

// usage when a file cannot be read.
CommandResult<LoadedRules> load_rule_files(const RuleSurroundings& surroundings,
                                           const std::vector<std::string>& files);

}  // namespace signalbox
