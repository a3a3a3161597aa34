#include "rules/pattern/operands.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "rules/pattern/comparable_number.hpp"
#include "rules/source/diagnostic.hpp"

namespace signalbox {
namespace {

std::nullopt_t problem(PatternProblems& problems, const Literal& at, std::string_view code,
                       std::string message) {
  problems.push_back({at.place, std::string{code}, std::move(message)});
  return std::nullopt;
}

std::nullopt_t wrong_operand(PatternProblems& problems, const Literal& at, std::string_view name,
                             std::string_view needs) {
  return problem(problems, at, "wrong-operand", fmt::format("'{}' {}", name, needs));
}

NumberRange equal_to(double number) { return {number, number, true, true}; }

Operand one_test(ValueTest test) {
  CompiledOperand operand;
  operand.tests.push_back(std::move(test));
  return operand;
}

// The text of {"equals-ignore-case": "…"} as an operand of `prefix` and `suffix`.
const Literal* caseless_operand(const Literal& operand) {
  if (!operand.is(JsonKind::object) || operand.fields.size() != 1) return nullptr;
  const Literal::Field& field = operand.fields.front();
  if (field.key != "equals-ignore-case" || !field.value.is(JsonKind::string)) return nullptr;
  return &field.value;
}

template <class Plain, class Caseless>
Operand compile_affix(std::string_view name, const Literal& operand, PatternProblems& problems) {
  if (operand.is(JsonKind::string)) return one_test(Plain{operand.text});
  if (const Literal* text = caseless_operand(operand))
    return one_test(Caseless{CaselessText{text->text}});
  return wrong_operand(problems, operand, name,
                       "needs a string or {\"equals-ignore-case\": \"…\"}");
}

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

std::optional<NoneOf> none_of_values(const Literal& list, PatternProblems& problems) {
  NoneOf none;
  for (const Literal& value : list.elements) {
    if (value.kind != list.elements.front().kind) {
      return wrong_operand(problems, value, "anything-but", "needs strings only or numbers only");
    }
    if (value.is(JsonKind::string)) {
      none.tests.emplace_back(EqualsText{JsonKind::string, value.text});
    } else if (const auto number =
                   value.is(JsonKind::number) ? comparable_number(value.text) : std::nullopt) {
      none.tests.emplace_back(equal_to(*number));
    } else {
      return wrong_operand(problems, value, "anything-but",
                           "needs strings or numbers that a 64-bit float can hold");
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
    const auto compile = name == "prefix"     ? compile_prefix
                         : name == "suffix"   ? compile_suffix
                         : name == "wildcard" ? compile_wildcard
                                              : compile_equals_ignore_case;
    auto operand = compile(text, problems);
    if (!operand) return std::nullopt;
    none.tests.push_back(std::move(operand->tests.front()));
  }
  return none;
}

Literal as_list(const Literal& value) {
  if (value.is(JsonKind::array)) return value;
  Literal list;
  list.kind = JsonKind::array;
  list.place = value.place;
  list.elements.push_back(value);
  return list;
}

}  // namespace

Operand compile_value(const Literal& value, PatternProblems& problems) {
  if (value.is(JsonKind::array)) {
    return problem(problems, value, "nested-list",
                   "a list within a list; a list already means any of its values");
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

Operand compile_exactly(const Literal& operand, PatternProblems& problems) {
  if (!operand.is(JsonKind::string))
    return wrong_operand(problems, operand, "exactly", "needs a string");
  return one_test(EqualsText{JsonKind::string, operand.text});
}

Operand compile_prefix(const Literal& operand, PatternProblems& problems) {
  return compile_affix<StartsWith, StartsCaseless>("prefix", operand, problems);
}

Operand compile_suffix(const Literal& operand, PatternProblems& problems) {
  return compile_affix<EndsWith, EndsCaseless>("suffix", operand, problems);
}

Operand compile_equals_ignore_case(const Literal& operand, PatternProblems& problems) {
  if (!operand.is(JsonKind::string)) {
    return wrong_operand(problems, operand, "equals-ignore-case", "needs a string");
  }
  return one_test(EqualsCaseless{CaselessText{operand.text}});
}

Operand compile_wildcard(const Literal& operand, PatternProblems& problems) {
  if (!operand.is(JsonKind::string))
    return wrong_operand(problems, operand, "wildcard", "needs a string");
  auto wildcard = Wildcard::parse(operand.text);
  if (!wildcard)
    return wrong_operand(problems, operand, "wildcard", "has " + wildcard.error().detail);
  return one_test(std::move(*wildcard));
}

Operand compile_exists(const Literal& operand, PatternProblems& problems) {
  if (!operand.is(JsonKind::boolean))
    return wrong_operand(problems, operand, "exists", "needs true or false");
  if (operand.text == "true") return one_test(Anything{});
  CompiledOperand absent;
  absent.absent = true;
  return absent;
}

Operand compile_cidr(const Literal& operand, PatternProblems& problems) {
  if (!operand.is(JsonKind::string))
    return wrong_operand(problems, operand, "cidr", "needs a string");
  const auto block = parse_ip_block(operand.text);
  if (!block) return wrong_operand(problems, operand, "cidr", block.error().detail);
  return one_test(InBlock{*block});
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

Operand compile_anything_but(const Literal& operand, PatternProblems& problems) {
  constexpr std::array<std::string_view, 4> operators{"prefix", "suffix", "equals-ignore-case",
                                                      "wildcard"};
  std::optional<NoneOf> none;
  if (operand.is(JsonKind::object)) {
    if (operand.fields.size() != 1)
      return wrong_operand(problems, operand, "anything-but", "takes one operator");
    const Literal::Field& inner = operand.fields.front();
    if (std::find(operators.begin(), operators.end(), inner.key) == operators.end()) {
      return wrong_operand(
          problems, operand, "anything-but",
          fmt::format("does not take '{}'{}", inner.key, did_you_mean(inner.key, operators)));
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

}  // namespace signalbox
