// Operators that look at text.
#include <fmt/format.h>

#include "rules/pattern/operator_rows.hpp"

namespace signalbox {
namespace {

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

constexpr std::string_view text_schema = R"({"type": "string"})";
constexpr std::string_view affix_schema = R"({
  "if": {"type": "object"},
  "then": {
    "type": "object",
    "required": ["equals-ignore-case"],
    "additionalProperties": false,
    "properties": {"equals-ignore-case": {"type": "string"}}
  },
  "else": {"type": "string"}
})";

constexpr OperatorExample exactly_examples[]{
    {R"({"ip": [{"exactly": "10.0.0.1"}]})", R"({"ip": "10.0.0.1"})", R"({"ip": "10.0.0.001"})"}};

Operand compile_exactly(const Literal& operand, PatternProblems& problems) {
  if (!operand.is(JsonKind::string))
    return wrong_operand(problems, operand, "exactly", "needs a string");
  return one_test(EqualsText{JsonKind::string, operand.text});
}

constexpr OperatorExample prefix_examples[]{
    {R"({"ref": [{"prefix": "refs/heads/"}]})", R"({"ref": "refs/heads/main"})",
     R"({"ref": "refs/tags/v1"})"},
    {R"({"title": [{"prefix": {"equals-ignore-case": "wip"}}]})", R"({"title": "WIP: retry"})",
     R"({"title": "Retry, wip"})"}};

Operand compile_prefix(const Literal& operand, PatternProblems& problems) {
  return compile_affix<StartsWith, StartsCaseless>("prefix", operand, problems);
}

constexpr OperatorExample suffix_examples[]{
    {R"({"file": [{"suffix": ".md"}]})", R"({"file": "README.md"})", R"({"file": "README.MD"})"},
    {R"({"file": [{"suffix": {"equals-ignore-case": ".md"}}]})", R"({"file": "README.MD"})",
     R"({"file": "md.txt"})"}};

Operand compile_suffix(const Literal& operand, PatternProblems& problems) {
  return compile_affix<EndsWith, EndsCaseless>("suffix", operand, problems);
}

constexpr OperatorExample caseless_examples[]{{R"({"login": [{"equals-ignore-case": "Octocat"}]})",
                                               R"({"login": "OCTOCAT"})",
                                               R"({"login": "octocat2"})"}};

Operand compile_equals_ignore_case(const Literal& operand, PatternProblems& problems) {
  if (!operand.is(JsonKind::string)) {
    return wrong_operand(problems, operand, "equals-ignore-case", "needs a string");
  }
  return one_test(EqualsCaseless{CaselessText{operand.text}});
}

constexpr OperatorExample wildcard_examples[]{
    {R"({"repository": {"full_name": [{"wildcard": "acme/*"}]}})",
     R"({"repository": {"full_name": "acme/api"}})",
     R"({"repository": {"full_name": "other/acme/api"}})"},
    {R"({"text": [{"wildcard": "2 \\* *"}]})", R"({"text": "2 * 3"})", R"({"text": "2 x 3"})"}};

Operand compile_wildcard(const Literal& operand, PatternProblems& problems) {
  if (!operand.is(JsonKind::string))
    return wrong_operand(problems, operand, "wildcard", "needs a string");
  auto wildcard = Wildcard::parse(operand.text);
  if (!wildcard)
    return wrong_operand(problems, operand, "wildcard", "has " + wildcard.error().detail);
  return one_test(std::move(*wildcard));
}

constexpr Operator text_rows[]{
    {.name = "exactly",
     .also_called = "equals equal eq is",
     .description = "The string, and nothing else: an IP address is not normalised.",
     .examples = exactly_examples,
     .operand_schema = text_schema,
     .matches = only_strings,
     .compile = compile_exactly},
    {.name = "prefix",
     .also_called = "starts-with starts_with start-with start_with startswith begins-with",
     .description = "A string that begins with the text.",
     .examples = prefix_examples,
     .operand_schema = affix_schema,
     .matches = only_strings,
     .compile = compile_prefix},
    {.name = "suffix",
     .also_called = "ends-with ends_with end-with end_with endswith",
     .description = "A string that ends with the text.",
     .examples = suffix_examples,
     .operand_schema = affix_schema,
     .matches = only_strings,
     .compile = compile_suffix},
    {.name = "equals-ignore-case",
     .also_called = "equals_ignore_case equalsIgnoreCase ignore-case iequals",
     .description = "The string in any letter case, by Unicode's mapping of each character.",
     .examples = caseless_examples,
     .operand_schema = text_schema,
     .matches = only_strings,
     .compile = compile_equals_ignore_case},
    {.name = "wildcard",
     .also_called = "glob like matches regex contains",
     .description = "A string with `*` for any characters, none included. `\\*` and `\\\\` are the "
                    "characters themselves; two `*` in a row are refused.",
     .examples = wildcard_examples,
     .operand_schema = text_schema,
     .matches = only_strings,
     .compile = compile_wildcard},
};

}  // namespace

std::span<const Operator> operators_of_text() noexcept { return text_rows; }

}  // namespace signalbox
