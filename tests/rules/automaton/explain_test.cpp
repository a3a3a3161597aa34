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
