// The linter's findings, from a table, with what is known of the three providers' events.
#include <fstream>
#include <set>

#include "connectors/shapes/shapes.hpp"
#include "rules/lint/lint.hpp"
#include "rules/lint/lint_checks.hpp"
#include "rules/lint/paths.hpp"
#include "rules/pattern/operators.hpp"
#include "rules/pattern/written_condition.hpp"
#include "tests/rules/rule_fixture.hpp"
#include "tests/source_tree.hpp"

using namespace signalbox;

namespace {

struct LintCase {
  std::string claim;
  std::string yaml;
  std::string findings;
  bool untested = false;  // the case is about `untested-rule` too
};

std::vector<LintCase> lint_cases() {
  std::ifstream file{test::source_path("tests/rules/lint/lint_cases.txt")};
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
  found.insert({"shadowed-rule", "missing-file"});  // found by tests of their own below
  CHECK(found == known);
}

TEST_CASE("a file that a test names is looked for beside the rule's") {
  const std::vector<RuleFile> files{
      {"team/rules.yaml",
       "rules:\n  - name: a\n    events: [github.push]\n    send: [{to: coder, kind: note}]\n"
       "    tests:\n      - {type: github.push, event: there.json, expect: []}\n"
       "      - {type: github.push, event: gone.json, expect: []}\n"
       "      - {type: github.push, event: {}, expect: []}\n"}};
  const auto has = [](std::string_view rule_file, std::string_view path) {
    CHECK(rule_file == "team/rules.yaml");
    return path == "there.json";
  };
  const auto findings = lint_rules(files, test_recipients(), catalog(), has);
  REQUIRE(findings.size() == 1);
  CHECK(to_string(findings[0]) ==
        "team/rules.yaml:7:36: warning: there is no file 'gone.json'; it counts from the rule's "
        "file [missing-file]");
  CHECK(lint_rules(files, test_recipients(), catalog()).empty());
}

TEST_CASE("a rule with errors is not linted, and those beside it are") {
  CHECK(lint("rules: [{name: a, events: [github.opend], send: []}]").empty());
  CHECK(lint("rules: [{name: a, events: [github.opend], send: [}]").empty());
  const auto findings = lint(R"(rules:
  - {name: broken, events: [github.opend], send: []}   # signalbox:ignore unknown-event
  - name: fine
    events: [github.push]
    send: [{to: coder, kind: note}]
)");
  REQUIRE(findings.size() == 1);
  CHECK(to_string(findings[0]) ==
        "rules.yaml:3:11: warning: rule 'fine' has no tests [untested-rule]");
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
  std::string second = named("two");
  second.replace(second.find("push"), 4, "fork");
  const std::vector<RuleFile> files{{"b.yaml", named("one")}, {"a.yaml", second}};
  const auto findings = lint_rules(files, test_recipients(), catalog());
  REQUIRE(findings.size() == 2);
  CHECK(findings[0].file == "b.yaml");
  CHECK(findings[1].file == "a.yaml");
}

namespace {

// Findings of rules that are written down but not loaded.
std::string shadowed(const std::string& yaml) {
  std::vector<WrittenRule> rules;
  for (const auto& node : YAML::Load(yaml)) {
    RuleInfo info;
    info.name = node["name"].Scalar();
    info.file = "rules.yaml";
    for (const auto& event : node["events"]) info.events.push_back(event.Scalar());
    if (node["stop"]) info.stop = node["stop"].as<bool>();
    if (node["priority"]) info.priority = node["priority"].as<std::int64_t>();
    rules.push_back(WrittenRule::read(info, node, {}));
  }
  LintReport report;
  lint_shadowed(rules, report);
  std::string lines;
  for (const LintReport::Found& found : report.found()) {
    CHECK(found.diagnostic.code == "shadowed-rule");
    lines += found.diagnostic.message + "\n";
  }
  return lines;
}

constexpr std::string_view b_is_shadowed =
    "rule 'b' never gets its turn: 'a' (rules.yaml:1) stops at each event that it wants\n";

}  // namespace

TEST_CASE("a rule behind one that stops, and is the same or wider, never gets its turn") {
  const std::string narrow =
      "- {name: b, events: [github.issues.opened], match: {x: [1], y: {z: [{prefix: p}]}}}\n";
  const std::string wider[]{"events: [github.issues.opened], match: {x: [1], y.z: [{prefix: p}]}",
                            "events: [github.issues], match: {x: [2, 1]}",
                            "events: [github.*.opened, jira]", "events: [github]"};
  for (const std::string& wide : wider) {
    INFO(wide);
    CHECK(shadowed("- {name: a, stop: true, " + wide + "}\n" + narrow) == b_is_shadowed);
    CHECK(shadowed("- {name: a, stop: false, " + wide + "}\n" + narrow).empty());
    CHECK(shadowed("- {name: a, " + wide + "}\n" + narrow).empty());
  }
}

TEST_CASE("a rule that stops takes nothing from one that matches more, or comes before it") {
  const std::string other[]{
      "- {name: a, stop: true, events: [github.issues.opened]}\n- {name: b, events: "
      "[github.issues]}",
      "- {name: a, stop: true, events: [github], match: {x: [1]}}\n- {name: b, events: [github]}",
      "- {name: a, stop: true, events: [github], match: {x: [1]}}\n"
      "- {name: b, events: [github], match: {x: [1, 2]}}",
      "- {name: a, stop: true, events: [github], match: {x: [1]}}\n"
      "- {name: b, events: [github], match: {$or: [{x: [1]}, {y: [1]}]}}",
      "- {name: a, stop: true, events: [github], match: {$or: [{x: [1]}, {y: [1]}]}}\n"
      "- {name: b, events: [github], match: {$or: [{x: [1]}, {y: [2]}]}}",
      "- {name: b, events: [github]}\n- {name: a, stop: true, events: [github]}",
      "- {name: a, stop: true, events: [github]}\n- {name: b, priority: 1, events: [github]}"};
  for (const std::string& yaml : other) {
    INFO(yaml);
    CHECK(shadowed(yaml).empty());
  }
}

TEST_CASE("what a rule costs grows with its values and with the ways of $or") {
  const auto cost = [](const std::string& match) {
    const std::vector<RuleFile> files{
        {"rules.yaml", "rules: [{name: a, events: [github.push, github.fork], match: {" + match +
                           "}, send: [{to: coder, kind: note}]}]"}};
    const auto costs = rule_costs(files, test_recipients());
    REQUIRE(costs.size() == 1);
    CHECK(costs[0].rule == "a");
    return costs[0].cost;
  };
  CHECK(cost("x: [1]") == 3);
  CHECK(cost("x: [1, {prefix: a}], y: {z: [2]}") == 5);
  CHECK(cost("x: [{suffix: a}]") == 4);
  CHECK(cost("x: [1], $or: [{y: [1]}, {z: [1]}, {z: [2]}]") == 2 + 3 + 3);
}

TEST_CASE("what an operator matches is of a kind that the linter expects of it") {
  std::size_t checked = 0;
  for (const Operator& row : all_operators()) {
    for (const OperatorExample& example : row.examples) {
      INFO(example.pattern);
      JsonDocument pattern_document;
      JsonDocument event_document;
      const auto pattern = pattern_document.parse_copy(example.pattern);
      const auto event = event_document.parse_copy(example.matches);
      REQUIRE(pattern.has_value());
      REQUIRE(event.has_value());
      const auto literal = read_literal(*pattern);
      REQUIRE(literal.has_value());
      for (const WrittenCondition& condition : conditions_of(*literal)) {
        Json value = *event;
        for (const auto& step : steps_of(condition.path))
          value = value[std::get<std::string>(step)];
        // In lists the values are further down; one way of `$or` may not hold.
        if (!value || value.is(JsonKind::array) || condition.way != 0) continue;
        std::set<JsonKind> kinds;
        for (const Literal& element : condition.field->value.elements) {
          for (const JsonKind kind : kinds_of_element(element)) kinds.insert(kind);
        }
        CHECK(kinds.contains(value.kind()));
        ++checked;
      }
    }
  }
  CHECK(checked > 20);
}
