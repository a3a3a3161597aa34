#include "rules/pattern/event_pattern.hpp"

#include <catch2/catch.hpp>

#include "connectors/connector.hpp"

using namespace signalbox;

namespace {

bool covers(std::string_view pattern, std::string_view type) {
  const auto parsed = EventPattern::parse(pattern);
  REQUIRE(parsed.has_value());
  return parsed->covers(type);
}

}  // namespace

TEST_CASE("a shorter name covers all that is below it, part by part") {
  CHECK(covers("github", "github.push"));
  CHECK(covers("github.pull_request", "github.pull_request"));
  CHECK(covers("github.pull_request", "github.pull_request.opened"));
  CHECK(covers("github.pull_request.opened", "github.pull_request.opened"));
  CHECK_FALSE(covers("github.pull_request", "github.pull_request_review.submitted"));
  CHECK_FALSE(covers("github.pull_request.opened", "github.pull_request"));
  CHECK_FALSE(covers("github.pull_request.opened", "github.pull_request.reopened"));
  CHECK_FALSE(covers("github", "linear.issue.create"));
}

TEST_CASE("a star stands for a part or a piece of one, and never for a dot") {
  CHECK(covers("*", "jira.issue_updated"));
  CHECK(covers("*.push", "github.push"));
  CHECK(covers("github.*.opened", "github.issues.opened"));
  CHECK(covers("github.pull_request*", "github.pull_request_review.submitted"));
  CHECK(covers("github.pull_request*", "github.pull_request.opened"));
  CHECK(covers("github.*.*ed", "github.issues.closed"));
  CHECK(covers("*.issue*", "jira.issue_updated"));
  CHECK(covers("github.*_re*st*", "github.pull_request"));
  CHECK_FALSE(covers("github.*.opened", "github.issues.reopened"));
  CHECK_FALSE(covers("github.*opened", "github.issues.opened"));
  CHECK_FALSE(covers("github.*.*", "github.push"));
  CHECK_FALSE(covers("linear.*", "github.push"));
}

TEST_CASE("a star that could match a connector is accepted, one that could not is refused") {
  CHECK(EventPattern::parse("g*.push").has_value());
  CHECK(EventPattern::parse("*ira.issue_updated").has_value());
  CHECK_FALSE(EventPattern::parse("x*.push").has_value());
}

TEST_CASE("every connector's events can be named") {
  REQUIRE_FALSE(all_connectors().empty());
  for (const Connector* connector : all_connectors()) {
    INFO(connector->name);
    CHECK(EventPattern::parse(connector->name).has_value());
  }
}
