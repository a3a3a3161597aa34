// What becomes of a signed GitHub request, beside what tests/samples/github_requests.json says.
#include <catch2/catch.hpp>

#include "tests/connectors/delivery.hpp"

namespace signalbox {
namespace {

constexpr std::string_view secret = "a secret for tests";

TEST_CASE("an event carries its source, its delivery and the times and headers of its request") {
  auto delivery =
      test::Delivery::signed_github("github.ping", R"({"zen":"x","hook_id":1})", secret);
  const auto event = delivery.parse(secret);
  REQUIRE(event.has_value());
  CHECK(event->source == "github");
  CHECK(event->connector == "github");
  CHECK(event->delivery == delivery.header("X-GitHub-Delivery"));
  CHECK(event->id == event_id("github", event->delivery));
  CHECK(event->time == delivery.request().received);
  CHECK(event->headers.find("x-github-event")->value() == "ping");
  CHECK("sha256=" + to_hex(event->digest) == delivery.header("X-Hub-Signature-256"));
}

TEST_CASE("id and event headers that occur twice are refused even when they agree") {
  for (const std::string_view name : {"X-GitHub-Delivery", "X-GitHub-Event", "Content-Type"}) {
    auto delivery =
        test::Delivery::signed_github("github.ping", R"({"zen":"x","hook_id":1})", secret);
    delivery.add(name, delivery.header(name));
    const auto event = delivery.parse(secret);
    INFO(name);
    REQUIRE_FALSE(event.has_value());
    CHECK(event.error().reason == Reason::malformed_request);
  }
}

TEST_CASE("a type without the connector's name is signed like one with it") {
  const Connector* github = find_connector("github");
  CHECK(github->sign("push", "1", "{}", secret) == github->sign("github.push", "1", "{}", secret));
}

}  // namespace
}  // namespace signalbox
