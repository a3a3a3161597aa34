#include "rules/automaton/automaton.hpp"
#include "tests/rules/rule_fixture.hpp"

using namespace signalbox;

namespace {

const std::string body =
    R"({"action":"opened","pull_request":{"draft":true,"changed_files":7,"user":{"login":"hubot"},
  "labels":[{"name":"bug","color":"red"},{"name":"wip","color":"blue"}]}})";

RuleExplanation explained(const std::string& match, const std::string& text = body) {
  const auto rules = rules_of("rules:\n  - name: r\n    events: [github]\n    match: " + match +
                              "\n    send: [{to: coder, kind: note}]\n");
  const TestEvent event{text};
  const auto all = rules->explain(event.event);
  REQUIRE(all.size() == 1);
  CHECK(all[0].matched == !rules->decide(event.event).matched.empty());
  return all[0];
}

}  // namespace

TEST_CASE("an explanation names the first condition that failed, what it wanted and what it saw") {
  const auto why =
      explained("{action: [opened], pull_request: {draft: [false], changed_files: [1]}}");
  CHECK(why.rule == "r");
  CHECK(why.file == "rules.yaml");
  CHECK(why.line == 2);
  CHECK_FALSE(why.matched);
  CHECK(why.passed == 2);  // the event's type and the action
  CHECK(why.failed_path == "pull_request.draft");
  CHECK(why.expected == "[false]");
  CHECK(why.actual == "true");
  CHECK(why.failure.empty());
}

TEST_CASE("an explanation shows what stands where no value is") {
  CHECK(explained("{nothing: {here: [1]}}").actual == "(missing)");
  CHECK(explained("{pull_request: {user: [x]}}").actual == "(an object)");
  CHECK(explained("{pull_request: {labels: [x]}}").actual == "(a list without such a value)");
  CHECK(explained("{pull_request: {labels: {id: [x]}}}").actual == "(a list without such a value)");
  CHECK(explained("{pull_request: {labels: {name: [x]}}}").actual == R"("bug", "wip")");
  CHECK(explained("{action: [{exists: false}]}").actual == R"("opened")");
}

TEST_CASE("an explanation cuts long values at a character") {
  const auto why =
      explained("{action: [x]}", "{\"action\":\"" + std::string(198, 'a') + "éé" + "\"}");
  CHECK(why.actual == "\"" + std::string(198, 'a') + "… (204 bytes)");
  const std::string longest = "\"" + std::string(198, 'a') + "\"";  // 200 bytes
  CHECK(explained("{action: [x]}", "{\"action\":" + longest + "}").actual == longest);
  CHECK(explained("{l: [x]}", R"({"l":[1,2,3,4,5]})").actual == "1, 2, 3, 4, 5");
  CHECK(explained("{l: [x]}", R"({"l":[1,2,3,4,5,6]})").actual == "1, 2, 3, 4, 5, … (6 values)");
  const auto many = explained("{l: [x]}", R"({"l":[1,2,3,4,5,6,7]})");
  CHECK(many.actual == "1, 2, 3, 4, 5, … (7 values)");
}

TEST_CASE("an explanation says when conditions hold, but not in one array element") {
  const auto why = explained("{pull_request: {labels: {name: [bug], color: [blue]}}}");
  CHECK_FALSE(why.matched);
  CHECK(why.passed == 2);
  CHECK(why.failed_path == "pull_request.labels.name");
  CHECK(why.actual == R"("bug", "wip" (not in one array element with the other fields))");
}

TEST_CASE("of the branches of $or the nearest is explained") {
  const auto why =
      explained("{$or: [{action: [closed]}, {action: [opened], pull_request: {draft: [false]}}]}");
  CHECK(why.passed == 2);
  CHECK(why.failed_path == "pull_request.draft");
}

TEST_CASE("an explanation says in which line the condition stands that failed") {
  CHECK(explained("{action: [closed]}").condition_line == 4);
  const auto why = explained(
      "\n      action: [opened]\n      pull_request:\n        draft:\n          - false\n");
  CHECK(why.failed_path == "pull_request.draft");
  CHECK(why.condition_line == 7);
  CHECK(explained("{action: [opened]}").condition_line == 0);
  // Places follow conditions that the automaton keeps in another order.
  CHECK(explained("\n      zeta: [1]\n      action: [closed]\n").condition_line == 5);
}

TEST_CASE("an explanation shows every way of $or that does not hold") {
  const auto why = explained(
      "\n      action: [opened]\n      $or:\n        - pull_request: {draft: [false]}\n"
      "        - pull_request: {changed_files: [{numeric: [\"<\", 5]}]}\n"
      "        - pull_request: {user: {login: [octocat]}, draft: [true]}\n");
  CHECK(why.ways.size() == 3);
  REQUIRE(why.ways.size() == 3);
  CHECK(why.ways[0].path == "pull_request.draft");
  CHECK(why.ways[0].expected == "[false]");
  CHECK(why.ways[0].actual == "true");
  CHECK(why.ways[0].line == 7);
  CHECK(why.ways[0].passed == 2);
  CHECK(why.ways[1].actual == "7");
  CHECK(why.ways[1].line == 8);
  CHECK(why.ways[2].path == "pull_request.user.login");
  CHECK(why.ways[2].line == 9);
  CHECK(why.condition_line == 7);
}

TEST_CASE("ways of $or that end at what stands beside it are no ways of their own") {
  const auto beside = explained(
      "{action: [closed], $or: [{pull_request: {draft: [false]}}, {pull_request: {draft: [1]}}]}");
  CHECK(beside.failed_path == "action");
  CHECK(beside.ways.empty());
  CHECK(explained("{$or: [{action: [opened]}, {action: [closed]}]}").ways.empty());
}

TEST_CASE("of very many ways of $or the first and the furthest are explained") {
  std::string match = "{$or: [";
  for (int i = 0; i < 100; ++i) match += "{x: [" + std::to_string(i) + "]}, ";
  const auto why = explained(match + "{action: [opened], y: [1]}]}");
  CHECK(why.ways.size() == traced_branches_max + 1);
  CHECK(why.failed_path == "y");
}

TEST_CASE("an explanation says that a number has too many digits to be compared") {
  const auto saw = [](const std::string& number, const std::string& list) {
    return explained("{n: " + list + "}", "{\"n\":" + number + "}").actual;
  };
  const std::string note = " (more digits than a 64-bit float holds: no 'numeric' compares it)";
  CHECK(saw("9007199254740993", "[{numeric: [\">\", 5]}]") == "9007199254740993" + note);
  CHECK(saw("12345678901234567890", "[{numeric: [\"<\", 1]}, 7]") == "12345678901234567890" + note);
  CHECK(saw("9007199254740992", "[{numeric: [\"<\", 5]}]") == "9007199254740992");
  CHECK(saw("9007199254740993", "[{prefix: a}]") == "9007199254740993");
  CHECK(saw("\"9007199254740993\"", "[{numeric: [\">\", 5]}]") == "\"9007199254740993\"");
}

TEST_CASE("a matched rule has counted all its conditions") {
  const auto why = explained("{action: [opened], pull_request: {draft: [true]}}");
  CHECK(why.matched);
  CHECK(why.passed == 3);
  CHECK(why.failed_path.empty());
}

TEST_CASE("rules are explained matched first, then by how near they came") {
  const auto rules = rules_of(
      "rules:\n"
      "  - {name: other, events: [linear, jira.issue_*], send: [{to: coder, kind: note}]}\n"
      "  - {name: far, events: [github], match: {action: [closed]}, send: [{to: coder, kind: "
      "note}]}\n"
      "  - {name: near, events: [github], match: {action: [opened], x: [1]}, send: [{to: coder, "
      "kind: note}]}\n"
      "  - {name: hit, events: [github], send: [{to: coder, kind: note}]}\n"
      "  - {name: broken, events: [github], send: [{to: coder, kind: note, summary: "
      "'${body.no}'}]}\n");
  const TestEvent event{body};
  const auto all = rules->explain(event.event);
  std::vector<std::string> names;
  for (const auto& why : all) names.push_back(why.rule);
  CHECK(names == std::vector<std::string>{"hit", "broken", "near", "far", "other"});
  CHECK(all[1].matched);
  CHECK(all[1].failure == "send 1, summary: body.no is missing");
  CHECK(all[4].passed == 0);
  CHECK(all[4].failed_path == "events");
  CHECK(all[4].expected == R"(["linear","jira.issue_*"])");
  CHECK(all[4].actual == R"("github.pull_request.opened")");
  const auto one = rules->explain(event.event, "near");
  REQUIRE(one.size() == 1);
  CHECK(one[0].rule == "near");
  CHECK(rules->explain(event.event, "none").empty());
}
