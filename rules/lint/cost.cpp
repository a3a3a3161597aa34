// What a rule costs: a number to compare rules by, not a time.
#include "rules/lint/lint.hpp"
#include "rules/lint/lint_checks.hpp"
#include "rules/pattern/written_condition.hpp"
#include "rules/rule_loader.hpp"

namespace signalbox {
namespace {

// Exact values and beginnings are looked up; the rest is tried, which costs twice as much.
std::size_t cost_of_element(const Literal& element) {
  if (!element.is(JsonKind::object) || element.fields.empty()) return 1;
  const Literal::Field& operation = element.fields[0];
  if (operation.key == "exists" || operation.key == "exactly") return 1;
  const std::size_t values = value_count(operation.value);
  return operation.key == "prefix" ? values : 2 * values;
}

// Each way of a `$or` is tried with all that stands beside it.
std::size_t cost_of_mapping(const Literal& mapping) {
  std::size_t beside = 0;
  std::size_t ways = 1;
  std::size_t in_ways = 0;
  for (const Literal::Field& field : mapping.fields) {
    if (field.key == "$or" && field.value.is(JsonKind::array)) {
      ways *= field.value.elements.size();
      for (const Literal& way : field.value.elements) in_ways += cost_of_mapping(way);
    } else if (field.value.is(JsonKind::object)) {
      beside += cost_of_mapping(field.value);
    } else {
      for (const Literal& element : field.value.elements) beside += cost_of_element(element);
    }
  }
  return ways * beside + in_ways;
}

}  // namespace

std::vector<RuleCost> rule_costs(std::span<const RuleFile> files, const Recipients& recipients) {
  std::vector<Diagnostic> diagnostics;
  std::vector<WrittenRule> rules;
  RuleLoader loader{recipients, diagnostics, &rules};
  for (const RuleFile& file : files) loader.load(file);
  std::vector<RuleCost> costs;
  for (const WrittenRule& rule : rules) {
    const std::size_t match = rule.match ? cost_of_mapping(*rule.match) : 0;
    costs.push_back(
        {rule.info.name, rule.info.file, rule.info.line, rule.info.events.size() + match});
  }
  return costs;
}

}  // namespace signalbox
