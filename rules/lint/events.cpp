// Do the types exist that a rule wants, and does it ask for an action that they are not?
#include <fmt/format.h>

#include <algorithm>

#include "event/ascii.hpp"
#include "rules/lint/lint_checks.hpp"
#include "rules/pattern/event_hints.hpp"
#include "rules/pattern/event_pattern.hpp"
#include "rules/pattern/written_condition.hpp"

namespace signalbox {
namespace {

constexpr std::string_view any_action = ".*";

std::string_view connector_of(std::string_view type) noexcept {
  return type.substr(0, type.find('.'));
}

// "github.repository_dispatch" of "github.repository_dispatch.*"
std::string_view event_of(std::string_view type) noexcept {
  const std::size_t first = type.find('.');
  if (first == std::string_view::npos) return type;
  return type.substr(0, type.find('.', first + 1));
}

bool covers(const EventPattern& pattern, std::string_view type) {
  if (!type.ends_with(any_action)) return pattern.covers(type);
  const std::string_view event = type.substr(0, type.size() - any_action.size());
  return pattern.covers(event) || event_of(pattern.text()) == event;
}

// The event that may have been meant, or of a known event the action.
std::string meant(std::string_view wrong, const PayloadCatalog& catalog) {
  if (std::string hint = other_event_hint(wrong); !hint.empty()) return hint;
  const std::string_view event = event_of(wrong);
  std::vector<std::string_view> events;
  std::vector<std::string_view> actions;
  for (const auto& [type, shape] : catalog.bodies()) {
    const std::string_view known = event_of(type);
    if (connector_of(type) != connector_of(wrong)) continue;
    if (known == event) actions.push_back(action_of(type));
    if (events.empty() || events.back() != known) events.push_back(known);
  }
  if (!actions.empty()) return did_you_mean(action_of(wrong), actions);
  // The connector is right: it would make names look alike.
  const std::size_t prefix = std::min(connector_of(wrong).size() + 1, event.size());
  for (std::string_view& name : events) name.remove_prefix(prefix);
  return did_you_mean(event.substr(prefix), events);
}

bool is_known(const EventPattern& pattern, const PayloadCatalog& catalog) {
  return std::ranges::any_of(catalog.bodies(),
                             [&](const auto& entry) { return covers(pattern, entry.first); });
}

bool knows_connector(std::string_view name, const PayloadCatalog& catalog) {
  const auto first = catalog.bodies().lower_bound(name);
  return first != catalog.bodies().end() && connector_of(first->first) == name;
}

// Providers spell an action in their way, types are lower snake case.
std::string plain(std::string_view action) {
  std::string out;
  for (const char c : action) {
    if (c == '_' || c == '-' || c == ' ') continue;
    out += ascii_lower(c);
  }
  return out;
}

// Whether one element of a list can meet one of the actions.
bool can_meet(const Literal& element, const std::vector<std::string_view>& actions) {
  if (element.is(JsonKind::string)) {
    return std::ranges::any_of(
        actions, [&](std::string_view action) { return plain(action) == plain(element.text); });
  }
  return any_passes(element, actions);
}

void lint_action_list(const WrittenRule& rule, const Literal::Field& field,
                      const std::vector<std::string_view>& actions, LintReport& report) {
  std::vector<const Literal*> wrong;
  for (const Literal& element : field.value.elements) {
    if (!can_meet(element, actions)) wrong.push_back(&element);
  }
  if (wrong.size() == field.value.elements.size()) {
    return report.add(
        rule, field.place, "never-matches",
        fmt::format("the action of these events is never one of {}{}", to_json(field.value),
                    did_you_mean(field.value.elements[0].text, actions)));
  }
  for (const Literal* element : wrong) {
    report.add(rule, element->place, "impossible-value",
               fmt::format("the action of these events is not known to be {}{}", to_json(*element),
                           did_you_mean(element->text, actions)));
  }
}

void lint_action_lists(const WrittenRule& rule, const Literal& pattern,
                       const std::vector<std::string_view>& actions, LintReport& report) {
  for (const Literal::Field& field : pattern.fields) {
    if (field.key == "action" && field.value.is(JsonKind::array)) {
      lint_action_list(rule, field, actions, report);
    } else if (field.key == "$or") {
      for (const Literal& way : field.value.elements) lint_action_lists(rule, way, actions, report);
    }
  }
}

}  // namespace

std::string_view action_of(std::string_view type) noexcept {
  const std::string_view event = event_of(type);
  if (event.size() == type.size() || type.ends_with('*')) return {};
  return type.substr(event.size() + 1);
}

WantedTypes wanted_types(const WrittenRule& rule, const PayloadCatalog& catalog) {
  WantedTypes wanted;
  for (const PlacedText& event : rule.events) {
    const auto pattern = EventPattern::parse(event.text);
    if (!pattern) continue;
    const std::size_t before = wanted.types.size();
    for (const auto& [type, shape] : catalog.bodies()) {
      if (covers(*pattern, type)) wanted.types.push_back(type);
    }
    if (wanted.types.size() != before) continue;
    wanted.all_known = false;
    wanted.types.push_back(event.text);
  }
  std::ranges::sort(wanted.types);
  wanted.types.erase(std::unique(wanted.types.begin(), wanted.types.end()), wanted.types.end());
  return wanted;
}

namespace {

void lint_event(const WrittenRule& rule, const PlacedText& event, const PayloadCatalog& catalog,
                LintReport& report) {
  const auto pattern = EventPattern::parse(event.text);
  const std::string_view connector = connector_of(event.text);
  if (!pattern || is_known(*pattern, catalog)) return;
  if (connector.find('*') == std::string_view::npos && !knows_connector(connector, catalog)) return;
  report.add(rule, event.place, "unknown-event",
             fmt::format("{} is not known to send '{}'{}", connector, event.text,
                         meant(event.text, catalog)));
}

// "github.issue_comment.created" of "github.issue_comment.created.on_pull_request", a sample.
std::string without_variant(const std::string& type) {
  std::size_t end = 0;
  for (int parts = 0; parts < 3 && end != std::string::npos; ++parts) end = type.find('.', end + 1);
  return type.substr(0, end);
}

}  // namespace

void lint_events(const WrittenRule& rule, const PayloadCatalog& catalog, LintReport& report) {
  for (const PlacedText& event : rule.events) lint_event(rule, event, catalog, report);
}

void lint_tests(const WrittenRule& rule, const PayloadCatalog& catalog, const FileProbe& has_file,
                LintReport& report) {
  if (rule.tests.empty()) {
    report.add(rule, rule.place, "untested-rule",
               fmt::format("rule '{}' has no tests", rule.info.name));
  }
  for (const WrittenTest& test : rule.tests) {
    lint_event(rule, {without_variant(test.type.text), test.type.place}, catalog, report);
    const std::string& file = test.event_file.text;
    if (file.empty() || !has_file || has_file(rule.info.file, file)) continue;
    report.add(rule, test.event_file.place, "missing-file",
               fmt::format("there is no file '{}'; it counts from the rule's file", file));
  }
}

void lint_actions(const WrittenRule& rule, const WantedTypes& wanted, LintReport& report) {
  if (!rule.match) return;
  std::vector<std::string_view> actions;
  for (const std::string_view type : wanted.types) {
    // Jira's bodies have no action; others are named by theirs, or anything may stand there.
    if (action_of(type).empty()) return;
    actions.push_back(action_of(type));
  }
  if (!actions.empty()) lint_action_lists(rule, *rule.match, actions, report);
}

}  // namespace signalbox
