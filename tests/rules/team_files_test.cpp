// Rule files of several teams: names, defaults, and which rules come before others.
#include "tests/rules/rule_fixture.hpp"

namespace signalbox {
namespace {

LoadedRules load_files(const std::vector<RuleFile>& files) {
  return RuleSet::load(files, test_recipients(), "acme");
}

std::vector<std::string> matched(const RuleSet& rules, const std::string& body) {
  return rules.decide(TestEvent{body}.event).matched;
}

TEST_CASE("a file's prefix begins the names of its rules, and its owner is known") {
  const auto loaded = load_files({{"a.yaml", R"(
owner: Payments
prefix: pay-
rules:
  - {name: one, events: [github], send: [{to: coder, kind: note}], tests: [{type: github.push, event: {}, expect: []}]}
)"},
                                  {"b.yaml", R"(
rules:
  - {name: one, events: [github], send: [{to: coder, kind: note}]}
)"}});
  REQUIRE(loaded.rules);
  REQUIRE(loaded.rules->rules().size() == 2);
  CHECK(loaded.rules->rules()[0].name == "pay-one");
  CHECK(loaded.rules->rules()[0].owner == "Payments");
  CHECK(loaded.rules->rules()[1].name == "one");
  CHECK(loaded.rules->rules()[1].owner.empty());
  CHECK(loaded.rules->tests()[0].rule == "pay-one");
}

TEST_CASE("what a rule does not say, its file's defaults say; what it says holds") {
  const auto rules = rules_of(R"(
defaults:
  events: [github.pull_request.opened]
  match: {repository: {full_name: [acme/pay]}, action: [opened]}
  work: 'pay:${body.number}'
  to: reviewer
  kind: assign
  task: review
rules:
  - name: all-defaults
    send: [{}]
  - name: own-match
    match: {action: [closed], repository: {private: [true]}}
    send: [{to: coder, kind: note, task: main}]
  - name: own-events
    events: [github.push]
    send: [{}]
)");
  const TestEvent opened{
      R"({"action":"opened","number":7,"repository":{"full_name":"acme/pay","private":true}})"};
  const Decision decision = rules->decide(opened.event);
  REQUIRE(decision.matched == std::vector<std::string>{"all-defaults"});
  REQUIRE(decision.messages.size() == 1);
  const OutgoingMessage& message = decision.messages[0];
  CHECK(message.mailbox == "reviewer");
  CHECK(message.kind == MessageKind::assign);
  CHECK(message.task == "review");
  CHECK(message.json.find("\"subject\":\"pay:7\"") != std::string::npos);
  CHECK(
      matched(
          *rules,
          R"({"action":"closed","number":7,"repository":{"full_name":"acme/pay","private":true}})") ==
      std::vector<std::string>{"own-match"});
  CHECK(
      matched(
          *rules,
          R"({"action":"closed","number":7,"repository":{"full_name":"acme/web","private":true}})")
          .empty());
}

constexpr const char* ordered = R"(
defaults: {events: [github], to: coder, kind: note, priority: 5}
rules:
  - {name: third, send: [{}]}
  - {name: last, priority: -1, match: {a: [1]}, send: [{}]}
  - {name: first, priority: 10, match: {a: [1]}, stop: true, send: [{summary: '${body.text}'}]}
  - {name: fourth, send: [{}]}
)";

TEST_CASE("rules come by priority, then by place; after one that stops comes none") {
  const auto rules = rules_of(ordered);
  CHECK(matched(*rules, R"({"a":2})") == std::vector<std::string>{"third", "fourth"});
  CHECK(matched(*rules, R"({"a":1,"text":"x"})") == std::vector<std::string>{"first"});
  // A rule whose template fails has matched all the same.
  CHECK(matched(*rules, R"({"a":1})") == std::vector<std::string>{"first"});
}

TEST_CASE("an explanation names the rule that stopped the others") {
  const auto rules = rules_of(ordered);
  const TestEvent event{R"({"a":1,"text":"x"})"};
  const auto all = rules->explain(event.event);
  REQUIRE(all.size() == 4);
  CHECK(all[0].matched);
  for (std::size_t i = 1; i < all.size(); ++i) {
    INFO(all[i].rule);
    CHECK_FALSE(all[i].matched);
    CHECK(all[i].stopped_by == "first");
  }
  const auto one = rules->explain(event.event, "last");
  REQUIRE(one.size() == 1);
  CHECK(one[0].stopped_by == "first");
  const TestEvent other{R"({"a":2})"};
  CHECK(rules->explain(other.event, "third")[0].matched);
  CHECK(rules->explain(other.event, "last")[0].stopped_by.empty());
}

TEST_CASE("a replay by one rule does not ask rules that would have stopped it") {
  const auto rules = rules_of(ordered);
  const TestEvent event{R"({"a":1,"text":"x"})"};
  const std::vector<std::string> only{"third"};
  CHECK(rules->decide_again(event.event, 1, only).matched == only);
}

}  // namespace
}  // namespace signalbox
