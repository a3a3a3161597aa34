// What `check` found, and the forms in which it is told: text for people, JSON for programs, SARIF
// for code hosts that show findings beside the lines.
// https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "gateway/cli/screen/terminal.hpp"
#include "rules/automaton/automaton_stats.hpp"
#include "rules/lint/lint.hpp"
#include "rules/source/diagnostic.hpp"

namespace signalbox {

struct CheckFindings {
  std::vector<std::string> files;
  std::vector<Diagnostic> diagnostics;
  std::size_t rules = 0;
  bool wrong_configuration = false;   // an error is in it, and not in rules
  bool with_stats = false;            // they are asked for
  std::vector<AutomatonStats> stats;  // of each set of rules that loaded
  std::vector<RuleCost> costs;        // the same

  void add(const std::vector<Diagnostic>& more);
  std::size_t count(Severity severity) const;
};

void show_findings(Terminal& terminal, const CheckFindings& findings);
std::string findings_json(const CheckFindings& findings);
// One run. Paths become URIs: relative ones are of the directory in which the command ran.
std::string findings_sarif(const CheckFindings& findings);

}  // namespace signalbox
