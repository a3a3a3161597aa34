// What becomes of a signed request. The table is data: tests/samples/github_requests.json holds,
// for each row, the headers that differ from an ordinary delivery (null: left out), the body, and
// what is expected. Each is signed here, so that only the parsing is at stake.
#include <catch2/catch.hpp>

#include "tests/connectors/delivery.hpp"

namespace signalbox {
namespace {

constexpr std::string_view secret = "a secret for tests";

test::Delivery delivery_of(Json row) {
  auto delivery = test::Delivery::signed_github("github.", row["body"].string_or({}), secret);
  delivery.remove("X-GitHub-Event");
  for (const auto& [name, value] : row["headers"].fields()) {
    if (const auto text = value.string()) {
      delivery.set(name, *text);
    } else {
      delivery.remove(name);
    }
  }
  return delivery;
}

void check_refusal(Json expected, const Result<Event>& event) {
  REQUIRE_FALSE(event.has_value());
  CHECK(describe(event.error().reason).name == expected["reason"].string_or({}));
  CHECK(event.error().detail.find(expected["detail"].string_or({})) != std::string::npos);
}

std::string canonical(const Event& event) { return event.work ? event.work->canonical : ""; }

void check_work(Json expected, const Event& event) {
  if (const Json work = expected["work"]) CHECK(canonical(event) == work.string_or({}));
  if (const Json name = expected["readable"])
    CHECK(event.work.value().readable == name.string_or({}));
  if (const Json names = expected["aliases"]) {
    std::vector<std::string> aliases;
    for (const Json name : names.elements()) aliases.emplace_back(name.string_or({}));
    CHECK(event.work.value().aliases == aliases);
  }
}

// Each member of `expected` is checked; a member that this does not know fails.
std::size_t check_event(Json expected, const Event& event) {
  std::size_t known = 0;
  const auto text = [&](std::string_view key, std::string_view actual) {
    if (const Json wanted = expected[key]) {
      ++known;
      CHECK(actual == wanted.string_or({}));
    }
  };
  text("type", event.type);
  text("subject", event.subject);
  text("actor", to_string(event.actor.kind));
  text("actor_name", event.actor.name);
  text("actor_id", event.actor.id);
  text("trust", to_string(event.trust));
  if (const Json guards = expected["guards"]) {
    ++known;
    CHECK(event.digest_guards == guards.boolean());
  }
  for (const auto& [key, value] : expected["field"].fields()) {
    CHECK(event.body[key].string_or({}) == value.string_or({}));
  }
  for (const auto& key : {"work", "readable", "aliases", "field"}) known += expected[key] ? 1 : 0;
  check_work(expected, event);
  return known;
}

TEST_CASE("signed requests become the events that the table says, or are refused as it says") {
  JsonDocument document;
  const auto rows =
      document.parse_copy(test::read_file(SIGNALBOX_TEST_DATA "/github_requests.json"));
  REQUIRE(rows.has_value());
  std::size_t count = 0;
  for (const Json row : rows->elements()) {
    ++count;
    DYNAMIC_SECTION(row["name"].string_or({})) {
      const Json expected = row["expect"];
      auto delivery = delivery_of(row);
      const auto event = delivery.parse(secret);
      if (expected["reason"]) {
        check_refusal(expected, event);
      } else {
        INFO((event ? "" : event.error().detail));
        REQUIRE(event.has_value());
        std::size_t members = 0;
        for ([[maybe_unused]] const auto& field : expected.fields()) ++members;
        CHECK(check_event(expected, *event) == members);
      }
    }
  }
  CHECK(count > 100);
}

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
