// What is suspicious in rules that load, others beside them or not: warnings with stable codes, for
// people who write them. An unknown event or field is never an error: providers add both without
// notice. Pure, thread-safe.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "event/payload_catalog.hpp"
#include "rules/rule_set.hpp"
#include "rules/source/diagnostic.hpp"

namespace signalbox {

// One kind of finding. The table feeds docs/RULES.md and the descriptions in SARIF.
struct LintCode {
  std::string_view code;
  std::string_view meaning;  // one sentence
};

std::span<const LintCode> all_lint_codes() noexcept;

// The table as docs/RULES.md has it, in Markdown.
std::string lint_codes_markdown();

// Whether there is a file at a path that stands in a rule file; `rule_file` is that one's name.
using FileProbe = std::function<bool(std::string_view rule_file, std::string_view path)>;

// Warnings in the order of files and places. Nothing is said of rules that do not load: their
// errors come first. `catalog` says what bodies look like; without a connector in it nothing is
// said of its events. Without `has_file` files that tests name are taken to be there.
std::vector<Diagnostic> lint_rules(std::span<const RuleFile> files, const Recipients& recipients,
                                   const PayloadCatalog& catalog, const FileProbe& has_file = {});

// A number to compare rules by: its event types and the values of its conditions, those that are no
// plain look-up twice, each way of `$or` with what stands beside it.
struct RuleCost {
  std::string rule;
  std::string file;
  int line = 0;
  std::size_t cost = 0;
};

// In the order of the files. Those that load.
std::vector<RuleCost> rule_costs(std::span<const RuleFile> files, const Recipients& recipients);

}  // namespace signalbox
