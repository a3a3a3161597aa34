#include "rules/pattern/pattern_hints.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "event/ascii.hpp"
#include "rules/pattern/operators.hpp"
#include "rules/source/diagnostic.hpp"
#include "rules/source/yaml_literal.hpp"

namespace signalbox {
namespace {

// "startsWith", "starts_with" and "starts-with" are one name.
std::string plain_name(std::string_view name) {
  std::string plain;
  for (const char c : name) {
    if (c != '-' && c != '_' && c != ' ' && c != '$') plain += ascii_lower(c);
  }
  return plain;
}

bool is_one_of(std::string_view words, std::string_view plain) {
  while (!words.empty()) {
    const std::string_view word = words.substr(0, words.find(' '));
    if (plain_name(word) == plain) return true;
    words.remove_prefix(std::min(word.size() + 1, words.size()));
  }
  return false;
}

// Comparisons of other systems, and ours.
struct Comparison {
  std::string_view names;
  std::string_view sign;
};
constexpr auto comparisons = std::to_array<Comparison>({
    {"gt > greater greater-than more more-than above over after", ">"},
    {"gte ge >= greater-equal greater-or-equal at-least min minimum", ">="},
    {"lt < less less-than fewer below under before", "<"},
    {"lte le <= less-equal less-or-equal at-most max maximum", "<="},
});

constexpr std::string_view none_is =
    "in a list it asks for some other element; that none is so will be said with 'unless'";

// "write …" for a name of which the operand says how it is written here; empty for others.
std::string rewritten(std::string_view plain, const Literal& operand) {
  const std::string flow = to_flow(operand);
  if (is_one_of("in any-of one-of any is-in includes-any", plain) && operand.is(JsonKind::array))
    return fmt::format("; a list means any of its values: write {}", flow);
  for (const Comparison& row : comparisons) {
    if (is_one_of(row.names, plain))
      return fmt::format("; write {{numeric: [\"{}\", {}]}}", row.sign, flow);
  }
  if (is_one_of("contains includes has-substring substring contains-text", plain) &&
      operand.is(JsonKind::string))
    return fmt::format("; write {{wildcard: \"*{}*\"}}", operand.text);
  if (is_one_of("regex regexp re match matches pattern", plain))
    return "; there are no regular expressions: did you mean 'wildcard'?";
  if (is_one_of("is-null null empty is-empty", plain))
    return "; a null is [null], a value that is missing [{exists: false}]";
  return {};
}

// The operator that a name means; null where none does.
const Operator* meant_operator(std::string_view plain) {
  for (const Operator& row : all_operators()) {
    if (!row.is_expression()) continue;
    if (plain_name(row.name) == plain || is_one_of(row.also_called, plain)) return &row;
  }
  return nullptr;
}

bool means_operator(std::string_view name, const Literal& operand) {
  const std::string plain = plain_name(name);
  if (find_operator(name) != nullptr || meant_operator(plain) != nullptr) return true;
  if (!rewritten(plain, operand).empty()) return true;
  std::vector<std::string_view> names;
  for (const Operator& row : all_operators()) {
    if (row.is_expression()) names.push_back(row.name);
  }
  return !did_you_mean(name, names).empty();
}

constexpr std::string_view either_names = "or any any-of one-of either ||";
constexpr std::string_view both_names = "and all all-of every both &&";
constexpr std::string_view neither_names = "not none none-of nor unless except exclude without !";

std::string shown_combinator(std::string_view name, std::string_view plain) {
  if (is_one_of(either_names, plain))
    return fmt::format("'{}' is no operator; did you mean '$or'?", name);
  if (is_one_of(both_names, plain)) {
    return fmt::format(
        "there is no '{}': fields that stand beside each other must all hold; two conditions on "
        "one field will be said with '$all', which this version does not have",
        name);
  }
  if (is_one_of(neither_names, plain)) {
    return fmt::format(
        "there is no '{}': a value other than some is [{{anything-but: […]}}], one that is missing "
        "[{{exists: false}}]; that a whole pattern does not hold will be said with 'unless', which "
        "this version does not have",
        name);
  }
  return {};
}

// Patterns stand in the list, and no operators.
bool holds_patterns(const Literal& list) {
  return list.is(JsonKind::array) && std::ranges::any_of(list.elements, [](const Literal& each) {
           return each.is(JsonKind::object) &&
                  std::ranges::none_of(each.fields, [](const Literal::Field& field) {
                    return means_operator(field.key, field.value);
                  });
         });
}

}  // namespace

std::string unknown_operator_hint(const Literal::Field& expression) {
  const std::string plain = plain_name(expression.key);
  if (std::string written = rewritten(plain, expression.value); !written.empty()) return written;
  if (const Operator* row = meant_operator(plain)) {
    std::string hint = fmt::format("; did you mean '{}'?", row->name);
    if (row->name == "anything-but") hint += fmt::format(" {}", none_is);
    return hint;
  }
  std::vector<std::string_view> names;
  for (const Operator& row : all_operators()) {
    if (row.is_expression()) names.push_back(row.name);
  }
  return did_you_mean(expression.key, names);
}

std::optional<std::string> wrong_combinator(const Literal::Field& field) {
  if (field.key.starts_with("$.")) {
    return fmt::format("a path begins within the body: write '{}'",
                       std::string_view{field.key}.substr(2));
  }
  const bool dollar = field.key.starts_with('$');
  if (!dollar && !holds_patterns(field.value)) return std::nullopt;
  std::string shown = shown_combinator(field.key, plain_name(field.key));
  if (!shown.empty()) return shown;
  if (!dollar) return std::nullopt;
  return fmt::format("'{}' is no operator; the one that is a key is '$or'", field.key);
}

std::string combinator_hint(std::string_view name) {
  return shown_combinator(name, plain_name(name));
}

std::optional<std::string> unlisted_operator(std::string_view of, const Literal::Field& field) {
  const Operator* row = find_operator(field.key);
  if (row == nullptr || of.empty()) return std::nullopt;
  PatternProblems problems;
  const bool fits = row->compile(field.value, problems).has_value();
  const bool nested = field.value.is(JsonKind::object) || field.value.is(JsonKind::array);
  if (nested && !fits) return std::nullopt;  // a field of that name, for all that is known
  Literal key;
  key.kind = JsonKind::string;
  key.text = of;
  return fmt::format("an operator stands in a list: write {}: [{{{}: {}}}]", to_flow(key),
                     field.key, to_flow(field.value));
}

std::optional<std::string> fields_in_list(std::string_view of, const Literal& element) {
  if (!element.is(JsonKind::object) || element.fields.empty()) return std::nullopt;
  std::string fields;
  for (const Literal::Field& field : element.fields) {
    if (means_operator(field.key, field.value)) return std::nullopt;
    const bool nested = field.value.is(JsonKind::object) || field.value.is(JsonKind::array);
    const std::string flow = to_flow(field.value);
    fields += fmt::format("{}{}: {}", fields.empty() ? "" : ", ", field.key,
                          nested ? flow : fmt::format("[{}]", flow));
  }
  return fmt::format(
      "'{}' is no operator; fields of a list's elements are a mapping: write {}: {{{}}}",
      element.fields.front().key, of, fields);
}

}  // namespace signalbox
