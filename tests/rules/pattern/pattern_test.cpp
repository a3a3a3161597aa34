// Patterns against tables of cases: our own, always; and answers of the reference implementation,
// where SIGNALBOX_SAMPLES names a directory that has them.
#include "rules/automaton/pattern_answer.hpp"

#include <catch2/catch.hpp>

#include <fstream>
#include <set>
#include <string>

#include "rules/pattern/operators.hpp"
#include "tests/foreign_files.hpp"
#include "tests/rules/automaton/interpreter.hpp"
#include "tests/source_tree.hpp"

using namespace signalbox;

namespace {

std::string to_text(PatternAnswer answer) {
  switch (answer) {
    case PatternAnswer::match:
      return "true";
    case PatternAnswer::no_match:
      return "false";
    case PatternAnswer::invalid_pattern:
      return "\"invalid-pattern\"";
    case PatternAnswer::invalid_event:
      break;
  }
  return "\"invalid-event\"";
}

// The automaton's answer, which is the interpreter's too.
PatternAnswer answer_of_both(std::string_view pattern, std::string_view event) {
  const PatternAnswer answer = answer_pattern(pattern, event);
  if (answer != PatternAnswer::match && answer != PatternAnswer::no_match) return answer;
  const auto compiled = compile_pattern_text(pattern);
  JsonDocument document;
  const auto parsed = document.parse_copy(event);
  REQUIRE((compiled.has_value() && parsed.has_value()));
  CHECK(interpret(*compiled, *parsed).matched() == (answer == PatternAnswer::match));
  return answer;
}

// Calls `check` with each line's object.
template <class Check>
std::size_t each_row(const std::string& path, const Check& check) {
  std::ifstream file{path};
  REQUIRE(file.is_open());
  std::size_t rows = 0;
  JsonDocument document;
  for (std::string line; std::getline(file, line);) {
    if (line.empty() || line.starts_with("//")) continue;
    ++rows;
    INFO(path << ":" << rows << ": " << line);
    const auto row = document.parse_copy(line);
    REQUIRE(row.has_value());
    check(*row);
  }
  return rows;
}

// Where we answer otherwise than the reference: docs/RULES.md, "Where we differ from the
// reference".
std::string wanted(Json row) {
  const std::string pattern{row["pattern"].string_or("")};
  const std::string event{row["event"].string_or("")};
  if (event.ends_with("}x") || event.find("} {") != std::string::npos) return "\"invalid-event\"";
  const bool quote = pattern.find(R"("\"")") != std::string::npos;
  if (quote && event == R"({"f":""})") return "false";
  if (pattern.find("/0\"") != std::string::npos) return "false";
  return std::string{row["expected"].raw()};
}

}  // namespace

TEST_CASE("a pattern answers each case of our table as the table says") {
  const auto rows = each_row(test::source_path("tests/rules/pattern/patterns.jsonl"), [](Json row) {
    const std::string pattern{row["pattern"].string().value_or(row["pattern"].raw())};
    const std::string event{row["event"].string().value_or(row["event"].raw())};
    CHECK(to_text(answer_of_both(pattern, event)) == row["expected"].raw());
  });
  CHECK(rows >= 150);
}

TEST_CASE("a pattern answers each case of the reference as the reference does", "[samples]") {
  const auto samples = test::foreign_path("SIGNALBOX_SAMPLES");
  if (!samples) return;
  const auto rows = each_row(*samples + "/cases/patterns.jsonl", [](Json row) {
    const bool quirk = static_cast<bool>(row["quirk"]);
    const auto answer = answer_of_both(row["pattern"].string_or(""), row["event"].string_or(""));
    CHECK(to_text(answer) == (quirk ? wanted(row) : std::string{row["expected"].raw()}));
  });
  CHECK(rows > 3000);
}

TEST_CASE("a pattern is refused exactly where the reference refuses it", "[samples]") {
  const auto samples = test::foreign_path("SIGNALBOX_SAMPLES");
  if (!samples) return;
  const auto rows = each_row(*samples + "/cases/pattern-validity.jsonl", [](Json row) {
    CHECK(check_pattern_text(row["pattern"].string_or("")) == row["valid"].boolean());
  });
  CHECK(rows > 700);
}

TEST_CASE("each operator's row in the table has examples that hold") {
  for (const Operator& row : all_operators()) {
    INFO(row.name);
    CHECK_FALSE(row.examples.empty());
    for (const OperatorExample& example : row.examples) {
      INFO(example.pattern);
      CHECK(answer_of_both(example.pattern, example.matches) == PatternAnswer::match);
      CHECK(answer_of_both(example.pattern, example.rejects) == PatternAnswer::no_match);
    }
  }
}
