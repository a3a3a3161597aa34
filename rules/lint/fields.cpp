// Conditions against what the bodies of a rule's events look like.
#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "rules/lint/lint_checks.hpp"
#include "rules/lint/paths.hpp"
#include "rules/pattern/written_condition.hpp"

namespace signalbox {
namespace {

// Names the step of an unknown path that is wrong, and what may have been meant.
std::string meant(const std::vector<TemplatePath::Step>& steps, const PathFacts& facts) {
  if (facts.depth >= steps.size()) return {};
  const auto* key = std::get_if<std::string>(&steps[facts.depth]);
  return key == nullptr ? std::string{} : did_you_mean(*key, facts.names);
}

bool can_hold(const Literal& element, const PathFacts& facts) {
  if (is_absence(element)) return !facts.everywhere || !facts.weak.empty() || facts.object;
  return std::ranges::any_of(kinds_of_element(element),
                             [&](JsonKind kind) { return facts.allows(kind); });
}

class FieldChecks {
 public:
  FieldChecks(const WrittenRule& rule, const std::vector<const PayloadShape*>& bodies,
              LintReport& report)
      : rule_{rule}, bodies_{bodies}, report_{report} {}

  void check(const WrittenCondition& condition) {
    const auto steps = steps_of(condition.path);
    const PathFacts facts = facts_of(bodies_, steps, ArraySteps::any_element);
    if (facts.open) return;
    if (!facts.found) {
      return report_.add(rule_, condition.field->place, "unknown-field",
                         fmt::format("these events are not known to have '{}'{}", condition.path,
                                     meant(steps, facts)));
    }
    values(condition, facts);
  }

 private:
  void values(const WrittenCondition& condition, const PathFacts& facts) {
    const Literal& list = condition.field->value;
    std::vector<const Literal*> wrong;
    for (const Literal& element : list.elements) {
      if (!can_hold(element, facts)) wrong.push_back(&element);
    }
    if (wrong.empty()) return unknown_values(condition, facts);
    const std::string kinds = kinds_text(facts);
    if (wrong.size() == list.elements.size()) {
      return report_.add(rule_, condition.field->place, "never-matches",
                         is_absence(*wrong[0])
                             ? fmt::format("'{}' is always there", condition.path)
                             : fmt::format("'{}' is {}, so {} never holds{}", condition.path, kinds,
                                           to_json(list), only_object(facts)));
    }
    for (const Literal* element : wrong) {
      report_.add(rule_, element->place, "impossible-value",
                  is_absence(*element) ? fmt::format("'{}' is always there", condition.path)
                                       : fmt::format("'{}' is {}, never {}", condition.path, kinds,
                                                     to_json(*element)));
    }
  }

  // Texts of which the provider documents all. It may add some, so an unknown one may come yet.
  void unknown_values(const WrittenCondition& condition, const PathFacts& facts) {
    if (facts.any_text || facts.values.empty()) return;
    for (const Literal& element : condition.field->value.elements) {
      for (const Literal* part : parts_of(element)) {
        if (any_passes(*part, facts.values)) continue;
        report_.add(rule_, part->place, "unknown-value",
                    fmt::format("'{}' is {}, not known to be {}{}", condition.path,
                                joined_by_or(facts.values), to_json(*part),
                                did_you_mean(part->text, facts.values)));
      }
    }
  }

  // What of an element asks for a text: itself, or what `anything-but` excludes. Nothing of
  // elements that other kinds of value can meet.
  static std::vector<const Literal*> parts_of(const Literal& element) {
    if (element.is(JsonKind::string)) return {&element};
    if (!element.is(JsonKind::object) || element.fields.empty()) return {};
    const Literal::Field& field = element.fields[0];
    if (field.key == "exists" || field.key == "numeric") return {};
    if (field.key != "anything-but") return {&element};
    std::vector<const Literal*> parts;
    if (field.value.is(JsonKind::string)) parts.push_back(&field.value);
    for (const Literal& excluded : field.value.elements) {
      if (excluded.is(JsonKind::string)) parts.push_back(&excluded);
    }
    return parts;
  }

  static std::string_view only_object(const PathFacts& facts) noexcept {
    const bool scalar = facts.text || facts.number || facts.boolean || facts.null;
    return scalar ? "" : "; a condition looks at a value within it";
  }

  const WrittenRule& rule_;
  const std::vector<const PayloadShape*>& bodies_;
  LintReport& report_;
};

// A later list for a path takes the place of an earlier one.
void lint_replaced(const WrittenRule& rule, const std::vector<WrittenCondition>& conditions,
                   LintReport& report) {
  std::map<std::string_view, const WrittenCondition*> first;
  for (const WrittenCondition& condition : conditions) {
    const auto [known, added] = first.emplace(condition.path, &condition);
    // Two ways of `$or` may each have theirs.
    if (added || (known->second->way != condition.way && known->second->way != 0)) continue;
    report.add(rule, condition.field->place, "replaced-condition",
               fmt::format("takes the place of the condition on '{}' in line {}: both belong into "
                           "one list, or the field into one place",
                           condition.path, known->second->field->place.line));
  }
}

}  // namespace

std::vector<const PayloadShape*> wanted_bodies(const WantedTypes& wanted,
                                               const PayloadCatalog& catalog) {
  std::vector<const PayloadShape*> bodies;
  if (!wanted.all_known) return bodies;
  for (const std::string_view type : wanted.types) bodies.push_back(catalog.body(type));
  return bodies;
}

void lint_fields(const WrittenRule& rule, const std::vector<const PayloadShape*>& bodies,
                 LintReport& report) {
  if (!rule.match) return;
  const auto conditions = conditions_of(*rule.match);
  lint_replaced(rule, conditions, report);
  if (bodies.empty()) return;
  FieldChecks checks{rule, bodies, report};
  for (const WrittenCondition& condition : conditions) checks.check(condition);
}

}  // namespace signalbox
