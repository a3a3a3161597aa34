// What is written about rules against the code: sections of docs/RULES.md, of the JSON Schema and
// of the fuzzer's dictionary are generated from the tables.
#include <fmt/format.h>

#include "rules/lint/lint.hpp"
#include "rules/pattern/operators.hpp"
#include "tests/documents.hpp"
#include "tests/rules/rule_fixture.hpp"

using namespace signalbox;

namespace {

constexpr std::string_view reference = "docs/RULES.md";
constexpr std::string_view schema = "docs/schema/rules.json";
constexpr std::size_t schema_columns_max = 130;

// JSON on one line where it fits, else an entry a line.
std::string laid_out(const Literal& json, std::size_t indent, std::size_t columns_before) {
  const bool object = json.is(JsonKind::object);
  if (!object && !json.is(JsonKind::array)) return to_json(json);
  for (const bool broken : {false, true}) {
    const std::string inner = broken ? "\n" + std::string(indent + 2, ' ') : "";
    std::string out = object ? "{" : "[";
    const auto add = [&](const std::string& key, const Literal& value) {
      if (out.size() > 1) out += broken ? "," : ", ";
      out += inner + key;
      out += broken ? laid_out(value, indent + 2, indent + 2 + key.size()) : laid_out(value, 0, 0);
    };
    for (const auto& [key, place, value] : json.fields) {
      Literal name;
      name.kind = JsonKind::string;
      name.text = key;
      add(to_json(name) + ": ", value);
    }
    for (const Literal& element : json.elements) add("", element);
    if (broken) out += "\n" + std::string(indent, ' ');
    out += object ? '}' : ']';
    const bool fits =
        columns_before + out.size() <= schema_columns_max && out.find('\n') == std::string::npos;
    if (broken || fits) return out;
  }
  return {};
}

std::string quoted(std::string_view text) {
  Literal literal;
  literal.kind = JsonKind::string;
  literal.text = text;
  return to_json(literal);
}

// The schema of an operator's operand, its description first.
std::string operand_schema(const Operator& row) {
  JsonDocument document;
  const auto parsed = document.parse_copy(row.operand_schema);
  INFO(row.name);
  REQUIRE(parsed.has_value());
  auto literal = read_literal(*parsed);
  REQUIRE(literal.has_value());
  Literal description;
  description.kind = JsonKind::string;
  description.text = row.description;
  literal->fields.insert(literal->fields.begin(), {"description", {}, std::move(description)});
  const std::string key = quoted(row.name) + ": ";
  return key + laid_out(*literal, 8, 8 + key.size());
}

}  // namespace

TEST_CASE("the operators in docs/RULES.md are those of the table", "[docs]") {
  test::check_section(reference, "operators", "\n" + operators_markdown());
}

TEST_CASE("the findings in docs/RULES.md are those of the table", "[docs]") {
  test::check_section(reference, "findings", "\n" + lint_codes_markdown() + "\n");
}

TEST_CASE("the operators in docs/schema/rules.json are those of the table", "[docs]") {
  std::string expressions;
  for (const Operator& row : all_operators()) {
    if (row.is_expression()) {
      expressions +=
          fmt::format("{}        {}", expressions.empty() ? "" : ",\n", operand_schema(row));
      continue;
    }
    // The two that stand elsewhere have their descriptions from the table.
    const bool plain = row.name == "value";
    test::check_between(schema,
                        plain ? "    \"values\": {\n      \"description\": "
                              : "        \"$or\": {\n          \"description\": ",
                        ",\n", quoted(row.description));
  }
  test::check_between(schema,
                      "    \"expression\": {\n      \"description\": \"One operator.\",\n"
                      "      \"type\": \"object\",\n      \"minProperties\": 1,\n"
                      "      \"maxProperties\": 1,\n      \"additionalProperties\": false,\n"
                      "      \"properties\": {\n",
                      "\n      }\n    }\n", expressions);
}

TEST_CASE("the fuzzer's dictionary has every operator", "[docs]") {
  std::string words;
  for (const Operator& row : all_operators()) {
    if (row.name != "value") words += fmt::format("\"\\\"{}\\\"\"\n", row.name);
  }
  test::check_between("tests/fuzz/pattern.dict", "# operators: begin\n", "# operators: end\n",
                      words);
}
