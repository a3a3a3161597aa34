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
  return check_rule_test(test, *rules, body.event);
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
        Lines{"expected a match, but the rule did not match: n wants [1], saw 2 (line 4)"});
  CHECK(mismatches("[]").front() == "expected no match, but the rule matched");
}

TEST_CASE("a template that fails is a mismatch that says why") {
  const auto rules = rules_of(
      "rules: [{name: r, events: [github], send: [{to: coder, kind: note, summary: '${body.x}'}],"
      " tests: [{type: github.push, event: {}, expect: [{to: coder, kind: note}]}]}]\n");
  const TestEvent body{"{}", "github.push"};
  CHECK(check_rule_test(rules->tests()[0], *rules, body.event) ==
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

TEST_CASE("a test that expected a match names the rule that stopped before it") {
  const auto rules = rules_of(
      "rules:\n"
      "  - {name: first, priority: 1, stop: true, events: [github], match: {n: [1]}, send: [{to: "
      "coder, kind: note}]}\n"
      "  - name: r\n    events: [github]\n    send: [{to: coder, kind: note}]\n"
      "    tests: [{type: github.push, expect: [{to: coder, kind: note}]}]\n");
  const TestEvent body{R"({"n":1})", "github.push"};
  CHECK(check_rule_test(rules->tests()[0], *rules, body.event) ==
        Lines{"expected a match, but rule 'first' matched before it, and stops"});
  const TestEvent other{R"({"n":2})", "github.push"};
  CHECK(check_rule_test(rules->tests()[0], *rules, other.event).empty());
}

TEST_CASE("a test that expected a match names what each way of $or saw, and the event's type") {
  const auto rules = rules_of(
      "rules:\n  - name: r\n    events: [github.push]\n    match:\n      $or:\n        - n: [1]\n"
      "        - m: [2]\n    send: [{to: coder, kind: note}]\n"
      "    tests: [{type: github.push, event: {}, expect: [{to: coder, kind: note}]}]\n");
  const TestEvent body{R"({"n":5})", "github.push"};
  CHECK(check_rule_test(rules->tests()[0], *rules, body.event) ==
        Lines{"expected a match, but the rule did not match: n wants [1], saw 5 (line 6); or m "
              "wants [2], saw (missing) (line 7)"});
  const TestEvent other{"{}", "github.fork"};
  CHECK(check_rule_test(rules->tests()[0], *rules, other.event) ==
        Lines{R"(expected a match, but the rule did not match: events wants ["github.push"], saw )"
              R"("github.fork")"});
}

namespace {

// The mismatches of a rule with this `data`, against what is expected of it.
Lines data_mismatches(const std::string& data, const std::string& expected) {
  const auto rules = rules_of(
      "rules:\n  - name: r\n    events: [github]\n    send: [{to: coder, kind: note, summary: 'See "
      "${body.n} *', data: " +
      data + "}]\n    tests: [{type: github.push, expect: [{to: coder, kind: note, " + expected +
      "}]}]\n");
  const TestEvent body{R"({"n":1.50,"l":[1,"two",null],"o":{"a":"x y","b":true},"t":"a*b"})",
                       "github.push"};
  return check_rule_test(rules->tests()[0], *rules, body.event);
}

const std::string all_data =
    "{n: '${body.n}', l: '${body.l}', o: '${body.o}', t: '${body.t}', z: null}";

}  // namespace

TEST_CASE("a test may look at fields of the data, with a star for any characters") {
  for (const std::string expected :
       {"data: {}", "data: {n: 1.5}", "data: {n: 1.50, z: null}", "data: {l: [1, two, null]}",
        "data: {l: [1, 't*o', null]}", "data: {o: {a: 'x*'}}", "data: {o: {b: true, a: '*'}}",
        "data: {t: 'a*b'}", "data: {summary: 'See *'}", "summary: 'See*'",
        "summary: 'See 1.50 *'"}) {
    INFO(expected);
    CHECK(data_mismatches(all_data, expected).empty());
  }
}

TEST_CASE("data that is not as expected is named by its place") {
  const auto differs = [](const std::string& expected) {
    const Lines lines = data_mismatches(all_data, expected);
    REQUIRE(lines.size() == 2);
    CHECK(lines[1] == "not expected: note to coder, task main, summary \"See 1.50 *\"");
    return lines[0];
  };
  CHECK(differs("data: {o: {a: 'y*'}}") ==
        R"(not sent: note to coder, data {"o":{"a":"y*"}}; data.o.a is "x y")");
  CHECK(differs("data: {l: [1, two]}") ==
        R"(not sent: note to coder, data {"l":[1,"two"]}; data.l is [1,"two",null])");
  CHECK(differs("data: {l: [1, two, null, 4]}").ends_with("; data.l[3] is missing"));
  CHECK(differs("data: {l: {a: 1}}").ends_with("; data.l is [1,\"two\",null]"));
  CHECK(differs("data: {n: 2}").ends_with("; data.n is 1.50"));
  CHECK(differs("data: {n: '1.50'}").ends_with("; data.n is 1.50"));
  CHECK(differs("data: {nothing: 1}").ends_with("; data.nothing is missing"));
  CHECK(differs("data: {z: ''}").ends_with("; data.z is null"));
  CHECK(differs("summary: 'see*'") == "not sent: note to coder, summary \"see*\"");
  CHECK(differs("data: {t: '" + std::string(200, 'x') + "'}") ==
        "not sent: note to coder, data {…}; data.t is \"a*b\"");
}
