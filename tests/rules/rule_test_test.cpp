#include "rules/rule_test.hpp"

#include "tests/rules/rule_fixture.hpp"

using namespace signalbox;

namespace {

// The mismatches of the only test in the rule's `tests:`, run on its own event.
std::vector<std::string> mismatches(const std::string& expect,
                                    const std::string& event = "{n: 1}") {
  const auto rules = rules_of(
      "rules:\n  - name: r\n    events: [github]\n    match: {n: [1]}\n"
      "    send:\n      - {to: topic:pull-requests, kind: assign, task: review, summary: 'S "
      "${body.n}'}\n"
      "      - {to: coder, kind: note}\n"
      "    tests: [{type: github.push, event: " +
      event + ", expect: " + expect +
      "}]\n"
      "  - {name: other, events: [github], send: [{to: coder, kind: help}]}\n");
  REQUIRE(rules->tests().size() == 1);
  const RuleTest& test = rules->tests()[0];
  const TestEvent body{test.event_inline, test.type};
  return check_rule_test(test, rules->decide(body.event));
}

using Lines = std::vector<std::string>;

}  // namespace

TEST_CASE("a test passes when the rule sends what is expected, in any order, topics expanded") {
  CHECK(mismatches(
            "[{to: coder, kind: note}, {to: tester, kind: assign}, {to: reviewer, kind: assign}]")
            .empty());
  CHECK(mismatches("[{to: topic:pull-requests, kind: assign, task: review, summary: S 1}, {to: "
                   "coder, kind: note}]")
            .empty());
  CHECK(mismatches("[]", "{n: 2}").empty());
}

TEST_CASE("what a rule sent and was not expected to is a mismatch, and the other way round") {
  CHECK(mismatches("[{to: topic:pull-requests, kind: assign}]") ==
        Lines{"not expected: note to coder, task main"});
  CHECK(mismatches("[{to: topic:pull-requests, kind: assign}, {to: coder, kind: note, task: x}]") ==
        Lines{"not sent: note to coder, task x", "not expected: note to coder, task main"});
  CHECK(mismatches(
            "[{to: topic:pull-requests, kind: assign, summary: S 2}, {to: coder, kind: note}]") ==
        Lines{"not sent: assign to reviewer, summary \"S 2\"",
              "not sent: assign to tester, summary \"S 2\"",
              "not expected: assign to reviewer, task review, summary \"S 1\"",
              "not expected: assign to tester, task review, summary \"S 1\""});
  CHECK(mismatches("[{to: coder, kind: note}, {to: coder, kind: note}, {to: topic:pull-requests, "
                   "kind: assign}]") == Lines{"not sent: note to coder"});
}

TEST_CASE("matching where it must not, and not matching where it must, are mismatches") {
  CHECK(mismatches("[{to: coder, kind: note}]", "{n: 2}") ==
        Lines{"expected a match, but the rule did not match"});
  CHECK(mismatches("[]").front() == "expected no match, but the rule matched");
}

TEST_CASE("a template that fails is a mismatch that says why") {
  const auto rules = rules_of(
      "rules: [{name: r, events: [github], send: [{to: coder, kind: note, summary: '${body.x}'}],"
      " tests: [{type: github.push, event: {}, expect: [{to: coder, kind: note}]}]}]\n");
  const TestEvent body{"{}", "github.push"};
  CHECK(check_rule_test(rules->tests()[0], rules->decide(body.event)) ==
        Lines{"the rule failed: send 1, summary: body.x is missing", "not sent: note to coder"});
}

TEST_CASE("a test keeps its event as a file's path or as JSON, numbers as they are spelled") {
  const auto rules = rules_of(
      "rules: [{name: r, events: [github], send: [{to: coder, kind: note}], tests: ["
      "{type: github.push, event: samples/push.json, expect: []},\n"
      "{type: github.push, event: {a: 1.50, b: '1', c: [true, null], d: {e: x}}, expect: []}]}]\n");
  REQUIRE(rules->tests().size() == 2);
  CHECK(rules->tests()[0].event_path == "samples/push.json");
  CHECK(rules->tests()[0].event_inline.empty());
  CHECK(rules->tests()[0].rule == "r");
  CHECK(rules->tests()[0].file == "rules.yaml");
  CHECK(rules->tests()[1].line == 2);
  CHECK(rules->tests()[1].event_inline == R"({"a":1.50,"b":"1","c":[true,null],"d":{"e":"x"}})");
}
