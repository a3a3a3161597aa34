// Rules against each other: which do the same, and which never get their turn.
#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "rules/lint/lint_checks.hpp"
#include "rules/pattern/event_pattern.hpp"
#include "rules/pattern/written_condition.hpp"

namespace signalbox {
namespace {

std::string place_text(const WrittenRule& rule) {
  return fmt::format("'{}' ({}:{})", rule.info.name, rule.info.file, rule.place.line);
}

std::string canonical_events(const WrittenRule& rule) {
  std::vector<std::string> events = rule.info.events;
  std::ranges::sort(events);
  return fmt::format("{}", fmt::join(events, ","));
}

std::string match_text(const WrittenRule& rule) {
  return rule.match ? canonical_text(*rule.match) : std::string{};
}

// Events that the one wants are wanted by the other.
bool covers_events(const WrittenRule& wide, const WrittenRule& narrow) {
  return std::ranges::all_of(narrow.info.events, [&](const std::string& event) {
    return std::ranges::any_of(wide.info.events, [&](const std::string& wider) {
      const auto pattern = EventPattern::parse(wider);
      return pattern && pattern->covers(event);
    });
  });
}

bool is_subset(const Literal& few, const Literal& many) {
  return std::ranges::all_of(few.elements, [&](const Literal& element) {
    const std::string text = canonical_text(element);
    return std::ranges::any_of(many.elements,
                               [&](const Literal& other) { return canonical_text(other) == text; });
  });
}

// Each condition of the one is there in the other, with no more values.
bool covers_match(const WrittenRule& wide, const WrittenRule& narrow) {
  if (!wide.match || match_text(wide) == match_text(narrow)) return true;
  if (!narrow.match || !ways_of(*wide.match).empty()) return false;
  const auto conditions = conditions_of(*narrow.match);
  return std::ranges::all_of(conditions_of(*wide.match), [&](const WrittenCondition& wider) {
    return std::ranges::any_of(conditions, [&](const WrittenCondition& narrower) {
      return narrower.way == 0 && narrower.path == wider.path &&
             is_subset(narrower.field->value, wider.field->value);
    });
  });
}

}  // namespace

void lint_duplicates(std::span<const WrittenRule> rules, LintReport& report) {
  std::map<std::string, const WrittenRule*> first;
  for (const WrittenRule& rule : rules) {
    const std::string text =
        fmt::format("{}\n{}\n{}", canonical_events(rule), match_text(rule), rule.send);
    const auto [known, added] = first.emplace(text, &rule);
    if (added) continue;
    report.add(rule, rule.place, "duplicate-rule",
               fmt::format("rule '{}' does what {} does: both send", rule.info.name,
                           place_text(*known->second)));
  }
}

void lint_shadowed(std::span<const WrittenRule> rules, LintReport& report) {
  std::vector<const WrittenRule*> order;
  for (const WrittenRule& rule : rules) order.push_back(&rule);
  std::ranges::stable_sort(order, std::ranges::greater{},
                           [](const WrittenRule* rule) { return rule->info.priority; });
  std::vector<const WrittenRule*> stops;
  for (const WrittenRule* rule : order) {
    const auto shadow = std::ranges::find_if(stops, [&](const WrittenRule* stop) {
      return covers_events(*stop, *rule) && covers_match(*stop, *rule);
    });
    if (shadow != stops.end()) {
      report.add(*rule, rule->place, "shadowed-rule",
                 fmt::format("rule '{}' never gets its turn: {} stops at each event that it wants",
                             rule->info.name, place_text(**shadow)));
    }
    if (rule->info.stop) stops.push_back(rule);
  }
}

}  // namespace signalbox
