// What tests of rules exercise.
#include "rules/rule_coverage.hpp"

#include <fmt/format.h>

#include "rules/rule_test.hpp"
#include "tests/rules/rule_fixture.hpp"

using namespace signalbox;

namespace {

std::vector<RuleCoverage> coverage_of(const std::string& yaml) {
  const std::vector<RuleFile> files{{"rules.yaml", yaml}};
  const auto rules = rules_of(yaml);
  CoverageRecorder recorder{files, test_recipients()};
  for (const RuleTest& test : rules->tests()) {
    const TestEvent event{test.event_inline, test.type};
    recorder.add(test, event.event, rules->decide(event.event));
  }
  return recorder.coverage();
}

// "condition draft [true] held", one line for each outcome that was seen.
std::string seen(const RuleCoverage& rule) {
  std::string lines;
  for (const CoveredPart& part : rule.parts) {
    lines += fmt::format("{}:{} {} {}{}{}\n", part.line, part.column, to_string(part.kind),
                         part.text, part.held ? " held" : "", part.failed ? " failed" : "");
  }
  return lines;
}

}  // namespace

TEST_CASE("each condition, way, event type and rule is seen to hold, and not to hold") {
  const auto rules = coverage_of(R"(rules:
  - name: a
    events: [github.issues.opened, github.issues.closed]
    match:
      issue: {state: [open], $or: [{title: [x]}, {body: [y]}]}
    send: [{to: coder, kind: note}]
    tests:
      - {type: github.issues.opened, event: {issue: {state: open, title: x}}, expect: [{to: coder, kind: note}]}
      - {type: github.issues.opened, event: {issue: {state: open, title: z}}, expect: []}
)");
  REQUIRE(rules.size() == 1);
  CHECK(rules[0].tests == 2);
  CHECK(seen(rules[0]) ==
        "2:11 rule a held failed\n"
        "3:14 event_type github.issues.opened held\n"
        "3:36 event_type github.issues.closed failed\n"
        "5:15 condition issue.state [\"open\"] held\n"
        "5:37 condition issue.title [\"x\"] held failed\n"
        "5:51 condition issue.body [\"y\"] failed\n"
        "5:36 way {\"title\":[\"x\"]} held failed\n"
        "5:50 way {\"body\":[\"y\"]} failed\n");
  const CoverageTotal total = total_of(rules);
  CHECK(total.outcomes == 2 + 1 + 1 + 5 * 2);
  CHECK(total.covered == 2 + 1 + 0 + 1 + 2 + 1 + 2 + 1);
  CHECK(total.percent() == 71);
}

TEST_CASE("an event that the rule does not want says nothing of its conditions") {
  const auto rules = coverage_of(R"(rules:
  - name: a
    events: [github.push]
    match: {ref: [x]}
    send: [{to: coder, kind: note}]
    tests: [{type: github.fork, event: {ref: x}, expect: []}]
)");
  CHECK(seen(rules[0]) ==
        "2:11 rule a failed\n3:14 event_type github.push failed\n4:13 condition ref [\"x\"]\n");
}

TEST_CASE("conditions on one array are seen each for itself") {
  const auto rules = coverage_of(R"(rules:
  - name: a
    events: github
    match: {labels: {name: [bug], color: [red]}}
    send: [{to: coder, kind: note}]
    tests: [{type: github.push, event: {labels: [{name: bug, color: blue}, {name: x, color: red}]}, expect: []}]
)");
  CHECK(seen(rules[0]) ==
        "2:11 rule a failed\n3:13 event_type github held\n"
        "4:22 condition labels.name [\"bug\"] held\n"
        "4:35 condition labels.color [\"red\"] held\n");
}

TEST_CASE("a test counts for its own rule only, and a rule without tests has all to cover") {
  const auto rules = coverage_of(R"(rules:
  - {name: a, events: [github.push], send: [{to: coder, kind: note}],
     tests: [{type: github.push, event: {}, expect: [{to: coder, kind: note}]}]}
  - {name: b, events: [github.push], send: [{to: coder, kind: note}]}
)");
  REQUIRE(rules.size() == 2);
  CHECK(seen(rules[0]) == "2:12 rule a held\n2:24 event_type github.push held\n");
  CHECK(rules[1].tests == 0);
  CHECK(total_of({&rules[1], 1}).covered == 0);
  CHECK(total_of({&rules[1], 1}).outcomes == 3);
  CHECK(total_of({}).percent() == 100);
}
