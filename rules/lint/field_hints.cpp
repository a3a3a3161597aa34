#include "rules/lint/field_hints.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "rules/pattern/operators.hpp"
#include "rules/pattern/pattern_hints.hpp"
#include "rules/source/diagnostic.hpp"
#include "rules/source/yaml_literal.hpp"

namespace signalbox {
namespace {

using Steps = std::vector<TemplatePath::Step>;

bool is_one_of(std::string_view name, std::initializer_list<std::string_view> names) {
  return std::ranges::find(names, name) != names.end();
}

const std::string& key_at(const Steps& steps, std::size_t at) {
  return std::get<std::string>(steps[at]);
}

// `ref: {wildcard: [a]}` was read as a field.
std::string operator_as_field(const WrittenCondition& condition, const Steps& steps) {
  const std::string& name = key_at(steps, steps.size() - 1);
  if (steps.size() < 2 || find_operator(name) == nullptr) return {};
  std::string list;
  for (const Literal& element : condition.field->value.elements)
    list += fmt::format("{}{{{}: {}}}", list.empty() ? "" : ", ", name, to_flow(element));
  return fmt::format("; an operator stands in a list: write {}: [{}]",
                     key_at(steps, steps.size() - 2), list);
}

// What stands beside the body elsewhere.
std::string beside_body(std::string_view first) {
  if (is_one_of(first, {"headers", "header"}))
    return "; headers are no part of the body, and not signed: 'events' says the type";
  if (is_one_of(first, {"detail-type", "event", "event_type", "event_name", "eventType"}))
    return "; the type of an event is said with 'events'";
  return {};
}

// The field of an object by which it is known, that may be of one of the kinds.
const PayloadField* telling_field(const PayloadObject& object, const std::vector<JsonKind>& kinds,
                                  bool with_slash) {
  constexpr std::array<std::string_view, 12> telling{"login", "name",   "full_name", "key",
                                                     "ref",   "title",  "url",       "html_url",
                                                     "id",    "number", "sha",       "body"};
  for (const std::string_view name : telling) {
    if (with_slash && name == "name" && object.find("full_name") != nullptr) continue;
    const PayloadField* field = object.find(name);
    if (field == nullptr || !field->shape.is_scalar()) continue;
    if (kinds.empty() ||
        std::ranges::any_of(kinds, [&](JsonKind kind) { return field->shape.allows(kind); })) {
      return field;
    }
  }
  return nullptr;
}

}  // namespace

std::string unknown_field_hint(const WrittenCondition& condition,
                               const std::vector<const PayloadShape*>& bodies,
                               const PathFacts& facts) {
  const Steps steps = steps_of(condition.path);
  if (std::string hint = operator_as_field(condition, steps); !hint.empty()) return hint;
  if (std::string hint = combinator_hint(key_at(steps, 0)); !hint.empty()) return "; " + hint;
  const std::string other = meant_path(bodies, steps, ArraySteps::any_element);
  if (!other.empty() && condition.path.find_first_of("[*") != std::string::npos)
    return fmt::format("; write '{}': a name leads into each element of a list", other);
  if (!other.empty() && condition.path.ends_with('.' + other)) {
    return fmt::format("; a path begins within the body: write '{}', without '{}'", other,
                       condition.path.substr(0, condition.path.size() - other.size()));
  }
  if (!other.empty()) return fmt::format("; did you mean '{}'?", other);
  if (std::string hint = beside_body(key_at(steps, 0)); !hint.empty()) return hint;
  if (facts.depth >= steps.size()) return {};
  return did_you_mean(key_at(steps, facts.depth), facts.names);
}

std::string inner_value_hint(const WrittenCondition& condition, const PathFacts& facts) {
  const Literal& list = condition.field->value;
  const bool asks_whether = std::ranges::all_of(list.elements, [](const Literal& element) {
    return is_absence(element) || is_presence(element);
  });
  std::vector<JsonKind> kinds;
  for (const Literal& element : list.elements) {
    if (asks_whether) break;
    const auto more = kinds_of_element(element);
    kinds.insert(kinds.end(), more.begin(), more.end());
  }
  const bool with_slash = to_flow(list).find('/') != std::string::npos;
  for (const PayloadShape* end : facts.ends) {
    const PayloadField* field =
        end->object == nullptr ? nullptr : telling_field(*end->object, kinds, with_slash);
    if (field == nullptr) continue;
    if (asks_whether) return fmt::format(": ask for '{}.{}'", condition.path, field->name);
    return fmt::format(": write {}: {{{}: {}}}", condition.field->key, field->name, to_flow(list));
  }
  return {};
}

}  // namespace signalbox
