// docs/RULES.md against the code: the sections of operators and findings are generated, and its
// examples load.
#include <cstdlib>
#include <fstream>
#include <sstream>

#include "rules/lint/lint.hpp"
#include "rules/pattern/operators.hpp"
#include "rules/rule_test.hpp"
#include "tests/rules/rule_fixture.hpp"
#include "tests/source_tree.hpp"

using namespace signalbox;

namespace {

const std::string path = test::source_path("docs/RULES.md");

std::string read_document() {
  std::ifstream file{path};
  REQUIRE(file.is_open());
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

// What stands between a section's two marks; written anew where SIGNALBOX_WRITE_DOCS is set.
void check_section(const std::string& name, const std::string& text) {
  const std::string document = read_document();
  const std::size_t begin = document.find('\n', document.find("<!-- " + name + ": begin")) + 1;
  const std::size_t end = document.find("<!-- " + name + ": end -->");
  REQUIRE(begin != 0);
  REQUIRE(end != std::string::npos);
  REQUIRE(begin <= end);
  const std::string wanted = "\n" + text;
  if (std::getenv("SIGNALBOX_WRITE_DOCS") != nullptr) {
    std::ofstream{path} << document.substr(0, begin) << wanted << document.substr(end);
    return;
  }
  INFO("run this test with SIGNALBOX_WRITE_DOCS=1 to write the section anew");
  CHECK(document.substr(begin, end - begin) == wanted);
}

}  // namespace

TEST_CASE("the operators in docs/RULES.md are those of the table") {
  check_section("operators", operators_markdown());
}

TEST_CASE("the findings in docs/RULES.md are those of the table") {
  check_section("findings", lint_codes_markdown() + "\n");
}

TEST_CASE("every rule in docs/RULES.md loads and its tests hold") {
  const std::string document = read_document();
  const std::string opening = "```yaml\n";
  std::size_t examples = 0;
  for (std::size_t at = document.find(opening); at != std::string::npos;
       at = document.find(opening, at)) {
    at += opening.size();
    const auto rules = rules_of(document.substr(at, document.find("```", at) - at));
    ++examples;
    for (const RuleTest& test : rules->tests()) {
      const TestEvent event{test.event_inline, test.type};
      CHECK(check_rule_test(test, rules->decide(event.event)).empty());
    }
  }
  CHECK(examples >= 5);
}

TEST_CASE("the fuzzer's dictionary has every operator") {
  std::ifstream file{test::source_path("tests/fuzz/pattern.dict")};
  REQUIRE(file.is_open());
  std::ostringstream words;
  words << file.rdbuf();
  for (const OperatorRow& row : all_operators()) {
    INFO(row.name);
    const bool plain_value = row.compile == nullptr && !row.name.starts_with('$');
    const std::string word = "\"\\\"" + std::string{row.name} + "\\\"\"\n";
    CHECK((plain_value || words.str().find(word) != std::string::npos));
  }
}
