// Conditions against what the bodies of a rule's events look like.
#include <fmt/format.h>

#include <algorithm>

#include "rules/lint/field_hints.hpp"
#include "rules/lint/lint_checks.hpp"
#include "rules/lint/paths.hpp"
#include "rules/pattern/written_condition.hpp"

namespace signalbox {
namespace {

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
                                     unknown_field_hint(condition, bodies_, facts)));
    }
    if (facts.object && existing_object(condition, facts)) return;
    values(condition, facts);
    if (facts.in_list) other_elements(condition);
  }

 private:
  // `exists` of an object, which is no value. True where something was said.
  bool existing_object(const WrittenCondition& condition, const PathFacts& facts) {
    if (facts.text || facts.number || facts.boolean) return false;
    const auto& elements = condition.field->value.elements;
    const auto absence = std::ranges::find_if(elements, is_absence);
    const auto presence = std::ranges::find_if(elements, is_presence);
    const bool absent = absence != elements.end();
    if (!absent && (presence == elements.end() || !facts.null)) return false;
    report_.add(
        rule_, (absent ? absence : presence)->place, absent ? "always-holds" : "impossible-value",
        fmt::format("'{}' is {}, and an object is no value: this holds {}{}", condition.path,
                    kinds_text(facts), absent ? "where there is one, too" : "only where it is null",
                    inner_value_hint(condition, facts)));
    return true;
  }

  // `anything-but` on what is in a list.
  void other_elements(const WrittenCondition& condition) {
    const auto& elements = condition.field->value.elements;
    const auto excluding = std::ranges::find_if(elements, is_exclusion);
    if (excluding == elements.end()) return;
    report_.add(rule_, excluding->place, "some-element",
                fmt::format("'{}' is in a list, and this asks for some other element; that none is "
                            "so will be said with 'unless', which this version does not have",
                            condition.path));
  }

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
                                           to_json(list), only_object(condition, facts)));
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

  static std::string only_object(const WrittenCondition& condition, const PathFacts& facts) {
    if (facts.text || facts.number || facts.boolean || !facts.object) return {};
    return "; a condition looks at a value within it" + inner_value_hint(condition, facts);
  }

  const WrittenRule& rule_;
  const std::vector<const PayloadShape*>& bodies_;
  LintReport& report_;
};

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
  if (bodies.empty()) return;
  FieldChecks checks{rule, bodies, report};
  for (const WrittenCondition& condition : conditions) checks.check(condition);
}

}  // namespace signalbox
