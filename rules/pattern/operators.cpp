#include "rules/pattern/operators.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "rules/pattern/operands.hpp"
#include "rules/source/diagnostic.hpp"

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
constexpr OperatorExample exactly_examples[]{
    {R"({"ip": [{"exactly": "10.0.0.1"}]})", R"({"ip": "10.0.0.1"})", R"({"ip": "10.0.0.001"})"}};
constexpr OperatorExample prefix_examples[]{
    {R"({"ref": [{"prefix": "refs/heads/"}]})", R"({"ref": "refs/heads/main"})",
     R"({"ref": "refs/tags/v1"})"},
    {R"({"title": [{"prefix": {"equals-ignore-case": "wip"}}]})", R"({"title": "WIP: retry"})",
     R"({"title": "Retry, wip"})"}};
constexpr OperatorExample suffix_examples[]{
    {R"({"file": [{"suffix": ".md"}]})", R"({"file": "README.md"})", R"({"file": "README.MD"})"},
    {R"({"file": [{"suffix": {"equals-ignore-case": ".md"}}]})", R"({"file": "README.MD"})",
     R"({"file": "md.txt"})"}};
constexpr OperatorExample caseless_examples[]{{R"({"login": [{"equals-ignore-case": "Octocat"}]})",
                                               R"({"login": "OCTOCAT"})",
                                               R"({"login": "octocat2"})"}};
constexpr OperatorExample wildcard_examples[]{
    {R"({"repository": {"full_name": [{"wildcard": "acme/*"}]}})",
     R"({"repository": {"full_name": "acme/api"}})",
     R"({"repository": {"full_name": "other/acme/api"}})"},
    {R"({"text": [{"wildcard": "2 \\* *"}]})", R"({"text": "2 * 3"})", R"({"text": "2 x 3"})"}};
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
constexpr OperatorExample numeric_examples[]{
    {R"({"changed_files": [{"numeric": [">", 0, "<=", 50]}]})", R"({"changed_files": 50})",
     R"({"changed_files": 51})"},
    {R"({"additions": [{"numeric": ["<", 10]}]})", R"({"additions": -1})", R"({"additions": "5"})"},
    {R"({"score": [{"numeric": ["=", 3.018e2]}]})", R"({"score": 301.8})",
     R"({"score": 301.80001})"}};
constexpr OperatorExample exists_examples[]{
    {R"({"pull_request": {"merged_at": [{"exists": true}]}})",
     R"({"pull_request": {"merged_at": null}})", R"({"pull_request": {}})"},
    {R"({"organization": {"login": [{"exists": false}]}})", R"({"repository": {"id": 1}})",
     R"({"organization": {"login": "acme"}})"}};
constexpr OperatorExample cidr_examples[]{
    {R"({"ip": [{"cidr": "10.0.0.0/8"}]})", R"({"ip": "10.20.30.40"})", R"({"ip": "11.0.0.1"})"},
    {R"({"ip": [{"cidr": "2001:db8::/32"}]})", R"({"ip": "2001:DB8::1"})",
     R"({"ip": "10.0.0.1"})"}};
constexpr OperatorExample or_examples[]{
    {R"({"$or": [{"draft": [false]}, {"labels": {"name": ["urgent"]}}], "state": ["open"]})",
     R"({"draft": true, "labels": [{"name": "urgent"}], "state": "open"})",
     R"({"draft": true, "labels": [{"name": "bug"}], "state": "open"})"}};

constexpr std::array<OperatorRow, 11> rows{{
    {"value", "",
     "A plain string, number, `true`, `false` or `null`: the field equals it. A list means any of "
     "its values; in an "
     "array, any element. Numbers compare by value, strings exactly; a string that is an IP "
     "address compares as one. "
     "Conditions on fields of the same array must hold in the same element.",
     value_examples, nullptr},
    {"exactly", "equals equal eq is",
     "The string, and nothing else: an IP address is not normalised.", exactly_examples,
     compile_exactly},
    {"prefix", "starts-with starts_with start-with start_with startswith begins-with",
     "A string that begins with the text.", prefix_examples, compile_prefix},
    {"suffix", "ends-with ends_with end-with end_with endswith",
     "A string that ends with the text.", suffix_examples, compile_suffix},
    {"equals-ignore-case", "equals_ignore_case equalsIgnoreCase ignore-case iequals",
     "The string in any letter case, by Unicode's mapping of each character.", caseless_examples,
     compile_equals_ignore_case},
    {"wildcard", "glob like matches regex contains",
     "A string with `*` for any characters, none included. `\\*` and `\\\\` are the characters "
     "themselves; two `*` "
     "in a row are refused.",
     wildcard_examples, compile_wildcard},
    {"anything-but", "not not-equals not_in not-in anything_but none-of",
     "A value that is there and is none of these: a string, a number, a list of either, or a "
     "`prefix`, `suffix`, "
     "`equals-ignore-case` or `wildcard` with one text or a list. In an array, some element must "
     "be none of them.",
     anything_but_examples, compile_anything_but},
    {"numeric", "number range between compare",
     "A number within bounds: `=`, `<`, `<=`, `>`, `>=`, or a lower and an upper one. Strings "
     "never match.",
     numeric_examples, compile_numeric},
    {"exists", "present exist has",
     "`true`: the field has a value, `null` included. `false`: it has none. Objects and empty "
     "arrays are no values.",
     exists_examples, compile_exists},
    {"cidr", "ip ip-address subnet network",
     "A string that is an IP address of the block. IPv4 and IPv6 never match each other; an IPv6 "
     "address that maps an "
     "IPv4 one is that one.",
     cidr_examples, compile_cidr},
    {"$or", "or any",
     "A list of two or more patterns, in place of a field: any of them. Beside it stand the "
     "conditions that they "
     "share.",
     or_examples, nullptr},
}};

// The row that somebody who wrote `name` may have meant.
std::string suggestion(std::string_view name) {
  std::vector<std::string_view> names;
  for (const OperatorRow& row : rows) {
    if (row.compile != nullptr) names.push_back(row.name);
    const std::string padded = fmt::format(" {} ", row.also_called);
    if (row.compile != nullptr && padded.find(fmt::format(" {} ", name)) != std::string::npos) {
      return fmt::format("; did you mean '{}'?", row.name);
    }
  }
  return did_you_mean(name, names);
}

}  // namespace

std::span<const OperatorRow> all_operators() noexcept { return rows; }

std::optional<CompiledOperand> compile_element(const Literal& element, PatternProblems& problems) {
  if (!element.is(JsonKind::object)) return compile_value(element, problems);
  if (element.fields.size() != 1) {
    problems.push_back({element.place, "wrong-operand", "a match expression has one operator"});
    return std::nullopt;
  }
  const Literal::Field& field = element.fields.front();
  const auto row = std::find_if(rows.begin(), rows.end(), [&](const OperatorRow& candidate) {
    return candidate.compile != nullptr && candidate.name == field.key;
  });
  if (row == rows.end()) {
    problems.push_back({field.place, "unknown-operator",
                        fmt::format("unknown operator '{}'{}", field.key, suggestion(field.key))});
    return std::nullopt;
  }
  return row->compile(field.value, problems);
}

bool is_reserved_in_or(std::string_view name) noexcept {
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
  return std::any_of(rows.begin(), rows.end(), [&](const OperatorRow& row) {
    return row.compile != nullptr && row.name == name;
  });
}

std::string operators_markdown() {
  std::string out;
  for (const OperatorRow& row : rows) {
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
