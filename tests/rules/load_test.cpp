#include <fstream>
#include <sstream>

#include "tests/rules/rule_fixture.hpp"
#include "tests/source_tree.hpp"

using namespace signalbox;

namespace {

struct LoadCase {
  std::string claim;
  std::string yaml;
  std::string diagnostics;
};

// load_errors.txt: "=== claim", the file, "---", the diagnostics. "---2" stands for a document's
// start.
std::vector<LoadCase> load_cases() {
  std::ifstream file{test::source_path("tests/rules/load_errors.txt")};
  REQUIRE(file.is_open());
  std::vector<LoadCase> cases;
  bool in_yaml = false;
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with("=== ")) {
      cases.push_back({line.substr(4), {}, {}});
      in_yaml = true;
    } else if (line == "---") {
      in_yaml = false;
    } else if (!cases.empty()) {
      (in_yaml ? cases.back().yaml : cases.back().diagnostics) +=
          (line == "---2" ? "---" : line) + "\n";
    }
  }
  return cases;
}

std::string all_diagnostics(const LoadedRules& loaded) {
  std::string lines;
  for (const Diagnostic& diagnostic : loaded.diagnostics) lines += to_string(diagnostic) + "\n";
  return lines;
}

}  // namespace

TEST_CASE("a rule file that is wrong is refused with the place and what was meant") {
  const auto cases = load_cases();
  REQUIRE(cases.size() > 20);
  for (const LoadCase& each : cases) {
    INFO(each.claim);
    const LoadedRules loaded = load_rules(each.yaml);
    CHECK(loaded.rules == nullptr);
    CHECK(all_diagnostics(loaded) == each.diagnostics);
  }
}

TEST_CASE("a name that another file has is an error that names the other place") {
  const std::string rule =
      "rules: [{name: a, events: [github], send: [{to: coder, kind: note}]}]\n";
  const std::vector<RuleFile> files{{"one.yaml", rule}, {"two.yaml", rule}};
  const LoadedRules loaded = RuleSet::load(files, test_recipients(), "acme");
  CHECK(all_diagnostics(loaded) ==
        "two.yaml:1:16: error: rule 'a' is there already, in one.yaml:1 [repeated-name]\n");
}

TEST_CASE("aliases that multiply to billions of values are refused, not followed") {
  std::string yaml = "x0: &x0 [1,1,1,1,1,1,1,1,1]\n";
  for (int i = 1; i < 20; ++i) {
    const std::string before = "*x" + std::to_string(i - 1);
    yaml += "x" + std::to_string(i) + ": &x" + std::to_string(i) + " [" + before;
    for (int j = 0; j < 8; ++j) yaml += "," + before;
    yaml += "]\n";
  }
  const LoadedRules loaded = load_rules(yaml);
  REQUIRE(loaded.diagnostics.size() == 1);
  CHECK(loaded.diagnostics[0].code == "too-large");
}

TEST_CASE("a file that is not UTF-8 is refused") {
  const LoadedRules loaded = load_rules("rules: [] # \xFF\n");
  CHECK(all_diagnostics(loaded) == "rules.yaml: error: the file is not UTF-8 [not-utf8]\n");
}

TEST_CASE("loaded rules tell their name, place, events and recipients") {
  const auto rules = rules_of(
      "rules:\n\n  - name: first\n    events: github.push\n"
      "    send: [{to: [coder, topic:pull-requests], kind: note}, {to: tester, kind: help}]\n"
      "  - {name: second, events: [jira, linear.*], send: [{to: topic:quiet, kind: note}]}\n");
  REQUIRE(rules->rules().size() == 2);
  CHECK(rules->rules()[0].name == "first");
  CHECK(rules->rules()[0].file == "rules.yaml");
  CHECK(rules->rules()[0].line == 3);
  CHECK(rules->rules()[0].events == std::vector<std::string>{"github.push"});
  CHECK(rules->rules()[0].recipients == std::vector<std::string>{"coder", "reviewer", "tester"});
  CHECK(rules->rules()[1].line == 6);
  CHECK(rules->rules()[1].events == std::vector<std::string>{"jira", "linear.*"});
  CHECK(rules->rules()[1].recipients.empty());
}

TEST_CASE("the digest of a rule set changes with any file's text and with nothing else") {
  const std::string text =
      "rules: [{name: a, events: [github], send: [{to: coder, kind: note}]}]\n";
  CHECK(rules_of(text)->digest() == rules_of(text)->digest());
  CHECK(rules_of(text)->digest() != rules_of(text + "\n")->digest());
  CHECK(rules_of(text)->digest().size() == 17);
}

TEST_CASE("no files are a rule set without rules") {
  const LoadedRules loaded = RuleSet::load({}, test_recipients(), "acme");
  REQUIRE(loaded.rules != nullptr);
  CHECK(loaded.rules->rules().empty());
  const TestEvent event{"{}"};
  CHECK(loaded.rules->decide(event.event).matched.empty());
  CHECK(loaded.rules->explain(event.event).empty());
}
