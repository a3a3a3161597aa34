#include "rules/pattern/written_condition.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "rules/pattern/operators.hpp"

namespace signalbox {
namespace {

class ConditionWalk {
 public:
  std::vector<WrittenCondition> found;
  std::vector<WrittenWay> ways;

  void object(const Literal& pattern, const std::string& path, std::size_t way) {
    for (const Literal::Field& field : pattern.fields) {
      if (field.key == or_key && field.value.is(JsonKind::array)) {
        for (const Literal& element : field.value.elements) {
          ways.push_back({path, &element});
          object(element, path, ways.size());
        }
        continue;
      }
      const std::string inner = path.empty() ? field.key : path + '.' + field.key;
      if (field.value.is(JsonKind::object)) {
        object(field.value, inner, way);
      } else {
        found.push_back({inner, &field, way});
      }
    }
  }
};

}  // namespace

std::vector<WrittenCondition> conditions_of(const Literal& pattern) {
  ConditionWalk walk;
  walk.object(pattern, {}, 0);
  return std::move(walk.found);
}

std::vector<WrittenWay> ways_of(const Literal& pattern) {
  ConditionWalk walk;
  walk.object(pattern, {}, 0);
  return std::move(walk.ways);
}

namespace {

const Literal* operand_of(const Literal& element, std::string_view name) noexcept {
  const bool is =
      element.is(JsonKind::object) && element.fields.size() == 1 && element.fields[0].key == name;
  return is ? &element.fields[0].value : nullptr;
}

}  // namespace

bool is_absence(const Literal& element) noexcept {
  const Literal* operand = operand_of(element, "exists");
  return operand != nullptr && operand->text == "false";
}

bool is_presence(const Literal& element) noexcept {
  const Literal* operand = operand_of(element, "exists");
  return operand != nullptr && operand->text == "true";
}

bool is_exclusion(const Literal& element) noexcept {
  return operand_of(element, "anything-but") != nullptr;
}

std::vector<JsonKind> kinds_of_element(const Literal& element) {
  if (!element.is(JsonKind::object)) return {element.kind};
  if (is_absence(element) || element.fields.empty()) return {};
  const Operator* row = find_operator(element.fields[0].key);
  if (row == nullptr) return {};
  return {row->matches.begin(), row->matches.end()};
}

bool any_passes(const Literal& element, const std::vector<std::string_view>& texts) {
  PatternProblems problems;
  const auto operand = compile_element(element, problems);
  if (!operand) return true;
  return std::ranges::any_of(texts, [&](std::string_view text) {
    JsonDocument document;
    Literal literal;
    literal.kind = JsonKind::string;
    literal.text = text;
    const auto parsed = document.parse_copy(fmt::format("[{}]", to_json(literal)));
    if (!parsed) return true;
    const EventValue value{parsed->at(0)};
    return std::ranges::any_of(operand->tests,
                               [&](const ValueTest& test) { return passes(test, value); });
  });
}

std::string canonical_text(const Literal& pattern) {
  std::vector<std::string> parts;
  for (const Literal::Field& field : pattern.fields)
    parts.push_back(fmt::format("{}:{}", field.key, canonical_text(field.value)));
  for (const Literal& element : pattern.elements) parts.push_back(canonical_text(element));
  const bool nested = pattern.is(JsonKind::object) || pattern.is(JsonKind::array);
  if (!nested) return to_json(pattern);
  // The numbers of `numeric` stand in an order.
  const bool ordered = pattern.is(JsonKind::array) && !pattern.elements.empty() &&
                       pattern.elements[0].text.find_first_of("<>=") == 0;
  if (!ordered) std::ranges::sort(parts);
  return fmt::format("{}{}{}", pattern.is(JsonKind::object) ? '{' : '[', fmt::join(parts, ","),
                     pattern.is(JsonKind::object) ? '}' : ']');
}

}  // namespace signalbox
