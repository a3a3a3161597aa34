// The linter's findings, from a table, with what is known of the three providers' events.
#include <fstream>
#include <set>

#include "connectors/shapes.hpp"
#include "rules/lint.hpp"
#include "tests/rules/rule_fixture.hpp"

using namespace signalbox;

namespace {

struct LintCase {
  std::string claim;
  std::string yaml;
  std::string findings;
  bool untested = false;  // the case is about `untested-rule` too
};

std::vector<LintCase> lint_cases() {
  std::ifstream file{SIGNALBOX_SOURCE_DIR "/tests/rules/lint_cases.txt"};
  REQUIRE(file.is_open());
  std::vector<LintCase> cases;
  bool in_yaml = false;
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with("=== ")) {
      cases.push_back({line.substr(4), {}, {}, false});
      in_yaml = true;
    } else if (line == "---" || line == "---untested") {
      in_yaml = false;
      cases.back().untested = line != "---";
    } else if (!cases.empty()) {
      (in_yaml ? cases.back().yaml : cases.back().findings) += line + "\n";
    }
  }
  return cases;
}

const PayloadCatalog& catalog() {
  static const PayloadCatalog read = payload_catalog();
  return read;
}

std::vector<Diagnostic> lint(const std::string& yaml) {
  const std::vector<RuleFile> files{{"rules.yaml", yaml}};
  return lint_rules(files, test_recipients(), catalog());
}

}  // namespace

TEST_CASE("what is suspicious in a rule is found, with its place and what was meant") {
  const auto cases = lint_cases();
  REQUIRE(cases.size() > 10);
  for (const LintCase& each : cases) {
    INFO(each.claim);
    const LoadedRules loaded = load_rules(each.yaml);
    for (const Diagnostic& diagnostic : loaded.diagnostics) UNSCOPED_INFO(to_string(diagnostic));
    REQUIRE(loaded.rules != nullptr);
    std::string findings;
    for (const Diagnostic& diagnostic : lint(each.yaml)) {
      if (diagnostic.code == "untested-rule" && !each.untested) continue;
      findings += to_string(diagnostic) + "\n";
    }
    CHECK(findings == each.findings);
  }
}

TEST_CASE("every code of the table is found by some case, and every finding is of the table") {
  std::set<std::string> known;
  for (const LintCode& row : all_lint_codes()) CHECK(known.emplace(row.code).second);
  std::set<std::string> found;
  for (const LintCase& each : lint_cases()) {
    for (const Diagnostic& diagnostic : lint(each.yaml)) found.insert(diagnostic.code);
  }
  CHECK(found == known);
}

TEST_CASE("a file with errors is not linted") {
  CHECK(lint("rules: [{name: a, events: [github.opend], send: []}]").empty());
}

TEST_CASE("without a connector's shapes nothing is said of its events") {
  const std::vector<RuleFile> files{
      {"rules.yaml",
       "rules: [{name: a, events: [github.nonsense], match: {x: [1]}, "
       "send: [{to: coder, kind: note}], tests: [{type: github.nonsense, event: {}, "
       "expect: []}]}]"}};
  CHECK(lint_rules(files, test_recipients(), PayloadCatalog{}).empty());
}

TEST_CASE("findings come in the order of the files as they were named") {
  const std::string rule =
      "rules: [{name: NAME, events: [github.push], send: [{to: coder, kind: "
      "note}]}]\n";
  const auto named = [&](const std::string& name) {
    std::string text = rule;
    return text.replace(text.find("NAME"), 4, name);
  };
  const std::vector<RuleFile> files{{"b.yaml", named("one")}, {"a.yaml", named("two")}};
  const auto findings = lint_rules(files, test_recipients(), catalog());
  REQUIRE(findings.size() == 2);
  CHECK(findings[0].file == "b.yaml");
  CHECK(findings[1].file == "a.yaml");
}
