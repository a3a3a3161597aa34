// Operators of numbers and addresses, and those of all values: `anything-but`, `exists`.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "rules/pattern/comparable_number.hpp"
#include "rules/pattern/operator_rows.hpp"
#include "rules/source/diagnostic.hpp"
#include "rules/source/yaml_literal.hpp"

namespace signalbox {
namespace {

constexpr OperatorExample anything_but_examples[]{
    {R"({"user": [{"anything-but": ["alice", "bob"]}]})", R"({"user": "carol"})",
     R"({"user": "bob"})"},
    {R"({"size": [{"anything-but": 0}]})", R"({"size": 1})", R"({"size": 0.0})"},
    {R"({"ref": [{"anything-but": {"prefix": "refs/tags/"}}]})", R"({"ref": "refs/heads/main"})",
     R"({"ref": "refs/tags/v1"})"},
    {R"({"file": [{"anything-but": {"suffix": [".md", ".txt"]}}]})", R"({"file": "main.cpp"})",
     R"({"file": "notes.txt"})"},
    {R"({"login": [{"anything-but": {"equals-ignore-case": "octocat"}}]})", R"({"login": "hubot"})",
     R"({"login": "Octocat"})"},
    {R"({"login": [{"anything-but": {"wildcard": "*[bot]"}}]})", R"({"login": "octocat"})",
     R"({"login": "renovate[bot]"})"}};
constexpr std::string_view anything_but_schema = R"({
  "if": {"type": "object"},
  "then": {
    "type": "object",
    "additionalProperties": false,
    "properties": {
      "prefix": {
        "if": {"type": "array"},
        "then": {"type": "array", "items": {"type": "string", "minLength": 1}, "minItems": 1},
        "else": {"type": "string", "minLength": 1}
      },
      "suffix": {
        "if": {"type": "array"},
        "then": {"type": "array", "items": {"type": "string", "minLength": 1}, "minItems": 1},
        "else": {"type": "string", "minLength": 1}
      },
      "equals-ignore-case": {
        "if": {"type": "array"},
        "then": {"type": "array", "items": {"type": "string"}, "minItems": 1},
        "else": {"type": "string"}
      },
      "wildcard": {
        "if": {"type": "array"},
        "then": {"type": "array", "items": {"type": "string"}, "minItems": 1},
        "else": {"type": "string"}
      }
    },
    "minProperties": 1,
    "maxProperties": 1
  },
  "else": {
    "anyOf": [
      {"type": "string"},
      {"type": "number"},
      {"type": "array", "items": {"type": "string"}, "minItems": 1},
      {"type": "array", "items": {"type": "number"}, "minItems": 1}
    ]
  }
})";
// The operators that stand within `anything-but`.
constexpr std::array<std::string_view, 4> negated{"prefix", "suffix", "equals-ignore-case",
                                                  "wildcard"};

// {anything-but: [{wildcard: …}]}
std::nullopt_t operator_in_list(const Literal& value, PatternProblems& problems) {
  const bool known =
      value.fields.size() == 1 && std::ranges::find(negated, value.fields[0].key) != negated.end();
  return wrong_operand(problems, value, "anything-but",
                       known ? fmt::format("takes an operator without a list around it: write "
                                           "{{anything-but: {}}}",
                                           to_flow(value))
                             : "takes strings, numbers, or one operator without a list around it, "
                               "as {anything-but: {prefix: wip}}");
}

std::optional<NoneOf> none_of_values(const Literal& list, PatternProblems& problems) {
  NoneOf none;
  for (const Literal& value : list.elements) {
    if (value.is(JsonKind::object)) return operator_in_list(value, problems);
    if (value.kind != list.elements.front().kind) {
      return wrong_operand(problems, value, "anything-but", "needs strings only or numbers only");
    }
    if (value.is(JsonKind::string)) {
      none.tests.emplace_back(EqualsText{JsonKind::string, value.text});
    } else if (const auto number =
                   value.is(JsonKind::number) ? comparable_number(value.text) : std::nullopt) {
      none.tests.emplace_back(equal_to(*number));
    } else if (value.is(JsonKind::number)) {
      return wrong_operand(problems, value, "anything-but",
                           "needs strings or numbers that a 64-bit float can hold");
    } else {
      return wrong_operand(
          problems, value, "anything-but",
          value.is(JsonKind::boolean)
              ? fmt::format("takes no true or false: write [{}]", value.text != "true")
              : "takes no null: that a field has a value, a null included, is [{exists: true}]");
    }
  }
  return none;
}

// {"prefix": "…"} and the like within `anything-but`.
std::optional<NoneOf> none_of_operator(std::string_view name, const Literal& list,
                                       PatternProblems& problems) {
  NoneOf none;
  const bool affix = name == "prefix" || name == "suffix";
  for (const Literal& text : list.elements) {
    if (!text.is(JsonKind::string) || (affix && text.text.empty())) {
      return wrong_operand(
          problems, text, "anything-but",
          fmt::format("needs a {}string for '{}'", affix ? "non-empty " : "", name));
    }
    auto operand = find_operator(name)->compile(text, problems);
    if (!operand) return std::nullopt;
    none.tests.push_back(std::move(operand->tests.front()));
  }
  return none;
}

Operand compile_anything_but(const Literal& operand, PatternProblems& problems) {
  std::optional<NoneOf> none;
  if (operand.is(JsonKind::object)) {
    if (operand.fields.size() != 1)
      return wrong_operand(problems, operand, "anything-but", "takes one operator");
    const Literal::Field& inner = operand.fields.front();
    if (std::find(negated.begin(), negated.end(), inner.key) == negated.end()) {
      return wrong_operand(
          problems, operand, "anything-but",
          fmt::format("does not take '{}'{}", inner.key, did_you_mean(inner.key, negated)));
    }
    none = none_of_operator(inner.key, as_list(inner.value), problems);
  } else {
    none = none_of_values(as_list(operand), problems);
  }
  if (!none) return std::nullopt;
  if (none->tests.empty())
    return wrong_operand(problems, operand, "anything-but", "needs at least one value");
  return one_test(std::move(*none));
}

constexpr OperatorExample numeric_examples[]{
    {R"({"changed_files": [{"numeric": [">", 0, "<=", 50]}]})", R"({"changed_files": 50})",
     R"({"changed_files": 51})"},
    {R"({"additions": [{"numeric": ["<", 10]}]})", R"({"additions": -1})", R"({"additions": "5"})"},
    {R"({"score": [{"numeric": ["=", 3.018e2]}]})", R"({"score": 301.8})",
     R"({"score": 301.80001})"}};
constexpr std::string_view numeric_schema = R"({
  "type": "array",
  "anyOf": [
    {
      "items": [{"type": "string", "enum": ["=", "<", "<=", ">", ">="]}, {"type": "number"}],
      "minItems": 2, "maxItems": 2
    },
    {
      "items": [
        {"type": "string", "enum": [">", ">="]},
        {"type": "number"},
        {"type": "string", "enum": ["<", "<="]},
        {"type": "number"}
      ],
      "minItems": 4, "maxItems": 4
    }
  ]
})";

// A comparison and its number, two elements of `numeric`'s list.
std::optional<double> bound(const Literal& list, std::size_t at, PatternProblems& problems) {
  const Literal* number = at + 1 < list.elements.size() ? &list.elements[at + 1] : nullptr;
  if (number == nullptr || !number->is(JsonKind::number)) {
    return wrong_operand(problems, number ? *number : list, "numeric",
                         fmt::format("needs a number behind '{}'", list.elements[at].text));
  }
  const auto value = comparable_number(number->text);
  if (!value) {
    return wrong_operand(
        problems, *number, "numeric",
        fmt::format("cannot compare {}: it has more digits than a 64-bit float", number->text));
  }
  return value;
}

Operand numeric_pair(const Literal& list, NumberRange range, PatternProblems& problems) {
  const std::string& comparison = list.elements[2].text;
  if (comparison != "<" && comparison != "<=") {
    return wrong_operand(problems, list.elements[2], "numeric",
                         "needs '<' or '<=' behind the lower bound");
  }
  range.top = bound(list, 2, problems);
  if (!range.top) return std::nullopt;
  range.top_included = comparison == "<=";
  if (!(*range.bottom < *range.top)) {
    return wrong_operand(problems, list, "numeric", "needs a lower bound less than the upper one");
  }
  return one_test(range);
}

Operand compile_numeric(const Literal& list, PatternProblems& problems) {
  constexpr std::string_view form = "needs a list like [\">\", 0, \"<=\", 5]";
  if (!list.is(JsonKind::array) || list.elements.empty())
    return wrong_operand(problems, list, "numeric", form);
  const std::string& comparison = list.elements[0].text;
  const bool lower = comparison == ">" || comparison == ">=";
  const bool known = lower || comparison == "<" || comparison == "<=" || comparison == "=";
  if (!known || !list.elements[0].is(JsonKind::string)) {
    return wrong_operand(problems, list.elements[0], "numeric", "knows =, <, <=, > and >=");
  }
  const auto value = bound(list, 0, problems);
  if (!value) return std::nullopt;
  NumberRange range = equal_to(*value);
  if (lower) {
    range.top.reset();
    range.bottom_included = comparison == ">=";
    if (list.elements.size() == 4) return numeric_pair(list, range, problems);
  } else if (comparison != "=") {
    range.bottom.reset();
    range.top_included = comparison == "<=";
  }
  if (list.elements.size() != 2) return wrong_operand(problems, list, "numeric", form);
  return one_test(range);
}

constexpr OperatorExample exists_examples[]{
    {R"({"pull_request": {"merged_at": [{"exists": true}]}})",
     R"({"pull_request": {"merged_at": null}})", R"({"pull_request": {}})"},
    {R"({"organization": {"login": [{"exists": false}]}})", R"({"repository": {"id": 1}})",
     R"({"organization": {"login": "acme"}})"}};

Operand compile_exists(const Literal& operand, PatternProblems& problems) {
  if (!operand.is(JsonKind::boolean))
    return wrong_operand(problems, operand, "exists", "needs true or false");
  if (operand.text == "true") return one_test(Anything{});
  CompiledOperand absent;
  absent.absent = true;
  return absent;
}

constexpr OperatorExample cidr_examples[]{
    {R"({"ip": [{"cidr": "10.0.0.0/8"}]})", R"({"ip": "10.20.30.40"})", R"({"ip": "11.0.0.1"})"},
    {R"({"ip": [{"cidr": "2001:db8::/32"}]})", R"({"ip": "2001:DB8::1"})",
     R"({"ip": "10.0.0.1"})"}};

Operand compile_cidr(const Literal& operand, PatternProblems& problems) {
  if (!operand.is(JsonKind::string))
    return wrong_operand(problems, operand, "cidr", "needs a string");
  const auto block = parse_ip_block(operand.text);
  if (!block) return wrong_operand(problems, operand, "cidr", block.error().detail);
  return one_test(InBlock{*block});
}

constexpr Operator value_rows[]{
    {.name = "anything-but",
     .also_called = "not not-equals not-in none-of ne neq != <> not-equal isnt is-not",
     .description =
         "A value that is there and is none of these: a string, a number, a list of either, or a "
         "`prefix`, `suffix`, `equals-ignore-case` or `wildcard` with one text or a list. In an "
         "array, some element must be none of them.",
     .examples = anything_but_examples,
     .operand_schema = anything_but_schema,
     .matches = all_scalars,
     .compile = compile_anything_but},
    {.name = "numeric",
     .also_called = "number range between compare",
     .description =
         "A number within bounds: `=`, `<`, `<=`, `>`, `>=`, or a lower and an upper one. Strings "
         "never match.",
     .examples = numeric_examples,
     .operand_schema = numeric_schema,
     .matches = only_numbers,
     .compile = compile_numeric},
    {.name = "exists",
     .also_called = "present exist has",
     .description =
         "`true`: the field has a value, `null` included. `false`: it has none. Objects and empty "
         "arrays are no values.",
     .examples = exists_examples,
     .operand_schema = R"({"type": "boolean"})",
     .matches = all_scalars,
     .compile = compile_exists},
    {.name = "cidr",
     .also_called = "ip ip-address subnet network",
     .description =
         "A string that is an IP address of the block. IPv4 and IPv6 never match each other; an "
         "IPv6 address that maps an IPv4 one is that one.",
     .examples = cidr_examples,
     .operand_schema = R"({"type": "string"})",
     .matches = only_strings,
     .compile = compile_cidr},
};

}  // namespace

std::span<const Operator> operators_of_values() noexcept { return value_rows; }

}  // namespace signalbox
