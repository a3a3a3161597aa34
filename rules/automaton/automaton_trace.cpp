// Why a rule matched or did not: its branches are gone through once more, over what matching the
// event has worked out already. Routing neither waits for this nor keeps anything for it.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cassert>

#include "rules/automaton/automaton.hpp"
#include "rules/pattern/comparable_number.hpp"

namespace signalbox {
namespace {

constexpr std::size_t shown_bytes_max = 200;
constexpr std::size_t shown_values_max = 5;

std::string cut(std::string_view text) {
  if (text.size() <= shown_bytes_max) return std::string{text};
  std::size_t end = shown_bytes_max;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
  return fmt::format("{}… ({} bytes)", text.substr(0, end), text.size());
}

// What stands in place of a value.
std::string_view shown_absence(Json event, std::string_view path) {
  while (event.is(JsonKind::object)) {
    const std::size_t dot = std::min(path.find('.'), path.size());
    event = event[path.substr(0, dot)];
    if (dot == path.size()) break;
    path.remove_prefix(dot + 1);
  }
  if (event.is(JsonKind::object)) return "(an object)";
  return event.is(JsonKind::array) ? "(a list without such a value)" : "(missing)";
}

std::string shown_values(FieldTrie::Field field, EventFields& fields) {
  std::string out;
  std::size_t count = 0;
  for (std::int32_t i = fields.look(field).first; i >= 0; i = fields.value(i).next) {
    if (++count > shown_values_max) continue;
    if (count > 1) out += ", ";
    out += cut(fields.value(i).value.raw());
  }
  if (count > shown_values_max) out += fmt::format(", … ({} values)", count);
  return out;
}

bool compares_numbers(const FieldCondition& condition) {
  return std::ranges::any_of(condition.tests, [](const ValueTest& test) {
    return std::holds_alternative<NumberRange>(test);
  });
}

// A number that no comparison is made with: a 64-bit float does not hold all of its digits.
bool sees_uncomparable(FieldTrie::Field field, EventFields& fields) {
  for (std::int32_t i = fields.look(field).first; i >= 0; i = fields.value(i).next) {
    const Json value = fields.value(i).value;
    if (value.is(JsonKind::number) && !comparable_number(value.raw())) return true;
  }
  return false;
}

}  // namespace

// Where a branch ended.
struct Automaton::BranchEnd {
  std::size_t passed = 0;
  Condition failed = ConditionTable::none;  // none: all of them hold
  std::size_t written_at = 0;               // of the one that failed
  bool contradicts = false;                 // it holds, but not in the elements of the others
};

TracedBranch Automaton::told(const BranchEnd& end, Json event, MatchScratch& scratch) const {
  const ConditionTable::Row& row = table_.row(end.failed);
  TracedBranch told;
  told.passed = end.passed;
  told.condition = end.written_at;
  told.path = row.source->path;
  told.expected = row.source->source;
  told.actual = shown_values(row.field, scratch.fields);
  if (told.actual.empty()) told.actual = shown_absence(event, told.path);
  if (end.contradicts) told.actual += " (not in one array element with the other fields)";
  if (compares_numbers(*row.source) && sees_uncomparable(row.field, scratch.fields))
    told.actual += " (more digits than a 64-bit float holds: no 'numeric' compares it)";
  return told;
}

MatchTrace Automaton::trace(std::uint32_t rule, Json event, MatchScratch& scratch) const {
  assert(scratch.owner == id_);
  MatchTrace trace;
  const Condition type = type_of_rule_[rule];
  trace.wanted = type == ConditionTable::none || table_.holds(type, scratch);
  if (!trace.wanted) return trace;
  trace.matched = scratch.reported[rule] == scratch.epoch;
  std::size_t number = 0;
  for (const BranchRow& branch : branches_of(rule)) {
    const BranchEnd end = follow(branch, scratch);
    const bool held = end.failed == ConditionTable::none;
    assert(!held || trace.matched);
    if (held) {
      trace.passed = end.passed;
      trace.branches.clear();
      return trace;
    }
    const bool further =
        trace.branches.empty() || end.passed > trace.branches[trace.furthest].passed;
    if (further || trace.branches.size() < traced_branches_max) {
      if (further) trace.furthest = trace.branches.size();
      trace.branches.push_back(told(end, event, scratch));
      trace.branches.back().branch = number;
    }
    ++number;
  }
  const TracedBranch& furthest = trace.branches[trace.furthest];
  trace.passed = furthest.passed;
  trace.path = furthest.path;
  trace.expected = furthest.expected;
  trace.actual = furthest.actual;
  return trace;
}

std::span<const Automaton::BranchRow> Automaton::branches_of(std::uint32_t rule) const {
  return {std::ranges::lower_bound(branches_, rule, {}, &BranchRow::rule),
          std::ranges::upper_bound(branches_, rule, {}, &BranchRow::rule)};
}

// The conditions of a branch as they were written, up to the first that fails.
Automaton::BranchEnd Automaton::follow(const BranchRow& branch, MatchScratch& scratch) const {
  const auto conditions = conditions_of(branch);
  std::array<Condition, pattern_fields_max> written;
  for (std::size_t i = 0; i < conditions.size(); ++i) {
    written[written_at_[branch.conditions_begin + i]] = conditions[i];
  }
  for (std::size_t passed = 0; passed < conditions.size(); ++passed) {
    if (!table_.holds(written[passed], scratch)) return {passed, written[passed], passed, false};
  }
  if (consistent(conditions, scratch)) return {conditions.size(), ConditionTable::none, 0, false};
  const std::size_t stuck = ElementChoice{table_, scratch}.stuck_at();
  return {conditions.size() - 1, conditions[stuck], written_at_[branch.conditions_begin + stuck],
          true};
}

}  // namespace signalbox
