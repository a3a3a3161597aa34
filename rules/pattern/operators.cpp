#include "rules/pattern/operators.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "rules/pattern/comparable_number.hpp"
#include "rules/pattern/operator_rows.hpp"
#include "rules/pattern/pattern_hints.hpp"

namespace signalbox {
namespace {

constexpr OperatorExample value_examples[]{
    {R"({"action": ["opened", "reopened"]})", R"({"action": "opened"})", R"({"action": "Opened"})"},
    {R"({"number": [300]})", R"({"number": 3.0e2})", R"({"number": "300"})"},
    {R"({"draft": [false]})", R"({"draft": false})", R"({"draft": null})"},
    {R"({"assignee": [null]})", R"({"assignee": null})", R"({})"},
    {R"({"labels": {"name": ["bug"], "default": [true]}})",
     R"({"labels": [{"name": "wip", "default": false}, {"name": "bug", "default": true}]})",
     R"({"labels": [{"name": "bug", "default": false}, {"name": "wip", "default": true}]})"},
    {R"({"ip": ["10.0.0.1"]})", R"({"ip": "10.0.0.001"})", R"({"ip": "10.0.0.2"})"}};

Operand compile_value(const Literal& value, PatternProblems& problems) {
  if (value.is(JsonKind::array)) {
    problems.push_back({value.place, "nested-list",
                        "a list within a list; a list already means any of its values"});
    return std::nullopt;
  }
  CompiledOperand operand;
  if (value.is(JsonKind::string)) {
    if (const auto ip = parse_ip(value.text)) operand.tests.emplace_back(EqualsIp{*ip});
  } else if (value.is(JsonKind::number)) {
    if (const auto number = comparable_number(value.text)) {
      operand.tests.emplace_back(equal_to(*number));
    }
  }
  if (operand.tests.empty() || value.is(JsonKind::number)) {
    operand.tests.emplace_back(EqualsText{value.kind, value.text});
  }
  return operand;
}

constexpr Operator plain_value{
    .name = "value",
    .also_called = "",
    .description =
        "A plain string, number, `true`, `false` or `null`: the field equals it. A list means any "
        "of its values; in an array, any element. Numbers compare by value, strings exactly; a "
        "string that is an IP address compares as one. Conditions on fields of the same array "
        "must hold in the same element.",
    .examples = value_examples,
    .operand_schema = "",
    .matches = {},
    .compile = nullptr};

constexpr OperatorExample or_examples[]{
    {R"({"$or": [{"draft": [false]}, {"labels": {"name": ["urgent"]}}], "state": ["open"]})",
     R"({"draft": true, "labels": [{"name": "urgent"}], "state": "open"})",
     R"({"draft": true, "labels": [{"name": "bug"}], "state": "open"})"}};
constexpr Operator alternatives{
    .name = "$or",
    .also_called = "or any",
    .description =
        "A list of two or more patterns, in place of a field: any of them. Beside it stand the "
        "conditions that they share.",
    .examples = or_examples,
    .operand_schema = "",
    .matches = {},
    .compile = nullptr};

std::vector<Operator> join_rows() {
  std::vector<Operator> rows{plain_value};
  for (const auto family : {operators_of_text(), operators_of_values()}) {
    rows.insert(rows.end(), family.begin(), family.end());
  }
  rows.push_back(alternatives);
  return rows;
}

}  // namespace

std::span<const Operator> all_operators() {
  static const std::vector<Operator> rows = join_rows();
  return rows;
}

const Operator* find_operator(std::string_view name) {
  for (const Operator& row : all_operators()) {
    if (row.is_expression() && row.name == name) return &row;
  }
  return nullptr;
}

std::nullopt_t wrong_operand(PatternProblems& problems, const Literal& at, std::string_view name,
                             std::string_view needs) {
  problems.push_back({at.place, "wrong-operand", fmt::format("'{}' {}", name, needs)});
  return std::nullopt;
}

Operand one_test(ValueTest test) {
  CompiledOperand operand;
  operand.tests.push_back(std::move(test));
  return operand;
}

NumberRange equal_to(double number) noexcept { return {number, number, true, true}; }

Literal as_list(const Literal& value) {
  if (value.is(JsonKind::array)) return value;
  Literal list;
  list.kind = JsonKind::array;
  list.place = value.place;
  list.elements.push_back(value);
  return list;
}

Operand compile_element(const Literal& element, PatternProblems& problems) {
  if (!element.is(JsonKind::object)) return compile_value(element, problems);
  if (element.fields.size() != 1) {
    problems.push_back({element.place, "wrong-operand",
                        "a match expression has one operator; two that must both hold will be said "
                        "with '$all', which this version does not have"});
    return std::nullopt;
  }
  const Literal::Field& field = element.fields.front();
  const Operator* row = find_operator(field.key);
  if (row == nullptr) {
    problems.push_back(
        {field.place, "unknown-operator",
         fmt::format("unknown operator '{}'{}", field.key, unknown_operator_hint(field))});
    return std::nullopt;
  }
  return row->compile(field.value, problems);
}

bool is_reserved_in_or(std::string_view name) {
  constexpr std::array<std::string_view, 14> reserved{"=",
                                                      "<",
                                                      "<=",
                                                      ">",
                                                      ">=",
                                                      "regex",
                                                      "not-wildcard",
                                                      "not-equals-ignore-case",
                                                      "date-after",
                                                      "date-on-or-after",
                                                      "date-before",
                                                      "date-on-or-before",
                                                      "in-date-range",
                                                      "ip-address-in-range"};
  if (name == "ip-address-not-in-range") return true;
  if (std::find(reserved.begin(), reserved.end(), name) != reserved.end()) return true;
  return find_operator(name) != nullptr;
}

std::string operators_markdown() {
  std::string out;
  for (const Operator& row : all_operators()) {
    out += fmt::format(
        "### `{}`\n\n{}\n\n| pattern | matches | does not match |\n| --- | --- | --- |\n", row.name,
        row.description);
    for (const OperatorExample& example : row.examples) {
      out += fmt::format("| `{}` | `{}` | `{}` |\n", example.pattern, example.matches,
                         example.rejects);
    }
    out += '\n';
  }
  return out;
}

}  // namespace signalbox
