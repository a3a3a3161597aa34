// Rules and events for the tests of this folder.
#pragma once

#include <catch2/catch.hpp>

#include <string>
#include <utility>
#include <vector>

#include "rules/rule_set.hpp"

namespace signalbox {

inline Recipients test_recipients() {
  Recipients recipients;
  recipients.agents = {"reviewer", "coder", "tester"};
  recipients.topics = {{"pull-requests", {"reviewer", "tester"}}, {"quiet", {}}};
  return recipients;
}

inline LoadedRules load_rules(const std::string& yaml) {
  const std::vector<RuleFile> files{{"rules.yaml", yaml}};
  return RuleSet::load(files, test_recipients(), "acme");
}

// The rule set, which must load.
inline std::shared_ptr<const RuleSet> rules_of(const std::string& yaml) {
  const LoadedRules loaded = load_rules(yaml);
  for (const Diagnostic& diagnostic : loaded.diagnostics) UNSCOPED_INFO(to_string(diagnostic));
  REQUIRE(loaded.rules != nullptr);
  return loaded.rules;
}

// An event that owns what its views look at.
struct TestEvent {
  explicit TestEvent(const std::string& body, std::string type = "github.pull_request.opened") {
    const auto parsed = document.parse_copy(body);
    REQUIRE(parsed.has_value());
    event.id = "e_1";
    event.source = "github";
    event.connector = "github";
    event.type = std::move(type);
    event.delivery = "d-1";
    event.subject = "github:acme/api#42";
    event.actor = {"7", "octocat", ActorKind::human};
    event.trust = Trust::member;
    event.time = *parse_time("2026-11-22T10:00:00Z");
    event.work =
        WorkRef{"github:github.com/1/42", "github:acme/api#42", {"github:acme/api/pull/42"}};
    event.body = *parsed;
    event.headers = Headers{headers};
  }

  JsonDocument document;
  std::vector<Headers::Field> headers{
      {"X-GitHub-Event", "pull_request"}, {"Twice", "a"}, {"twice", "b"}, {"Raw", "\xFF"}};
  Event event;
};

}  // namespace signalbox
