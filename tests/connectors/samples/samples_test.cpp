#include "connectors/samples/samples.hpp"

#include <catch2/catch.hpp>
#include <set>

#include "tests/connectors/delivery.hpp"

namespace signalbox {
namespace {

constexpr std::string_view secret = "a secret for samples";

// "github.issue_comment.created.on_pull_request" -> "github.issue_comment.created"
std::string without_variant(std::string_view type) {
  std::size_t dots = 0;
  for (std::size_t i = 0; i < type.size(); ++i) {
    if (type[i] == '.' && ++dots == 3) return std::string{type.substr(0, i)};
  }
  return std::string{type};
}

TEST_CASE("each sample verifies and parses to its type") {
  REQUIRE(sample_types("github").size() >= 25);
  for (const std::string_view type : sample_types("github")) {
    const auto sample = make_sample("github", type, 41);
    INFO(type);
    REQUIRE(sample);
    auto delivery = test::Delivery::signed_github(type, sample->body, secret);
    const auto event = delivery.parse(secret);
    INFO((event ? "" : event.error().detail));
    REQUIRE(event.has_value());
    CHECK(event->type == without_variant(type));
    CHECK_FALSE(event->actor.name.empty());
    CHECK(event->actor.kind != ActorKind::unknown);
    CHECK(event->subject.starts_with("github:acme/api"));
  }
}

TEST_CASE("samples about a pull request or an issue have it as their work") {
  for (const std::string_view type : sample_types("github")) {
    const bool about_item = type.starts_with("github.pull_request") ||
                            type.starts_with("github.issue") || type.starts_with("github.check_") ||
                            type.starts_with("github.workflow_run");
    const auto sample = make_sample("github", type, 41);
    REQUIRE(sample);
    auto delivery = test::Delivery::signed_github(type, sample->body, secret);
    const auto event = delivery.parse(secret);
    INFO(type);
    REQUIRE(event.has_value());
    REQUIRE(event->work.has_value() == about_item);
    if (about_item) CHECK(event->work->readable == "github:acme/api#42");
  }
}

TEST_CASE("the same seed gives the same bytes, another seed gives others") {
  for (const std::string_view type : sample_types("github")) {
    std::set<std::string> bodies;
    for (std::uint64_t seed = 0; seed < 50; ++seed) {
      const auto sample = make_sample("github", type, seed);
      REQUIRE(sample);
      CHECK(make_sample("github", type, seed)->body == sample->body);
      bodies.insert(sample->body);
    }
    INFO(type);
    CHECK(bodies.size() == 50);
  }
  CHECK(make_sample("github", "push", ~std::uint64_t{0}));
}

TEST_CASE("a sample is found with or without the connector's name") {
  CHECK(make_sample("github", "pull_request.opened", 1)->body ==
        make_sample("github", "github.pull_request.opened", 1)->body);
}

TEST_CASE(
    "each Linear and Jira sample verifies and parses to its type, about its issue, by a person") {
  for (const std::string_view connector : {"jira", "linear"}) {
    REQUIRE(sample_types(connector).size() >= 3);
    for (const std::string_view type : sample_types(connector)) {
      const auto sample = make_sample(connector, type, 41);
      INFO(type);
      REQUIRE(sample);
      auto delivery = test::Delivery::signed_by(connector, type, sample->body, secret);
      delivery.set_replay_window(std::nullopt);
      const auto event = delivery.parse(secret);
      INFO((event ? "" : event.error().detail));
      REQUIRE(event.has_value());
      CHECK(event->type == type);
      CHECK(event->actor.kind == ActorKind::human);
      CHECK(event->trust == Trust::member);
      CHECK(event->digest_guards);
      CHECK(event->subject == (connector == "jira" ? "jira:PROJ-42" : "linear:ENG-42"));
      CHECK(event->work.value().aliases.size() == (connector == "jira" ? 1 : 2));
      CHECK(make_sample(connector, type, 41)->body == sample->body);
      CHECK(make_sample(connector, type, 42)->body != sample->body);
    }
  }
}

TEST_CASE("a sample that is sent now is fresh, one that is only printed need not be") {
  for (const std::string_view type : {"jira.issue_updated", "linear.issue.update"}) {
    const std::string_view connector = type.substr(0, type.find('.'));
    const Time now{std::chrono::sys_days{std::chrono::year{2031} / 5 / 6}};
    for (const auto& sent : {std::optional{now}, std::optional<Time>{}}) {
      const auto sample = make_sample(connector, type, 7, sent);
      REQUIRE(sample);
      auto delivery = test::Delivery::signed_by(connector, type, sample->body, secret);
      delivery.set_received(now);
      CHECK(delivery.parse(secret).has_value() == sent.has_value());
    }
  }
}

TEST_CASE("there is no sample of an unknown type or connector") {
  CHECK_FALSE(make_sample("github", "pull_request", 1));
  CHECK_FALSE(make_sample("github", "", 1));
  CHECK_FALSE(make_sample("github", "github.github.push", 1));
  CHECK_FALSE(make_sample("no-such-provider", "push", 1));
  CHECK(sample_types("no-such-provider").empty());
}

}  // namespace
}  // namespace signalbox
