// Jira's signatures, retries and recordings; the tables are tests/samples/jira_*.json.
#include <catch2/catch.hpp>

#include "tests/connectors/delivery.hpp"
#include "tests/connectors/payload_table.hpp"
#include "tests/connectors/vector_table.hpp"
#include "tests/foreign_files.hpp"
#include "tests/source_tree.hpp"

namespace signalbox {
namespace {

constexpr std::string_view secret = "a secret for tests";
constexpr std::string_view id_header = "X-Atlassian-Webhook-Identifier";
constexpr std::string_view body =
    R"({"timestamp":1767600000000,"webhookEvent":"jira:issue_updated","issue":{"id":"10001",)"
    R"("self":"https://acme.atlassian.net/rest/api/2/issue/10001","key":"PROJ-7"}})";

test::Delivery delivery_of(std::string_view text) {
  auto delivery = test::Delivery::signed_by("jira", "jira.issue_updated", text, secret);
  delivery.set_terms({.exclude_body = true});
  return delivery;
}

struct Identity {
  std::string id;
  std::string delivery;
};

Identity identity_of(test::Delivery delivery) {
  const auto event = delivery.parse(secret);
  INFO((event ? "" : event.error().detail));
  REQUIRE(event.has_value());
  CHECK(event->delivery.size() <= 128);
  return {event->id, event->delivery};
}

test::Delivery without_id(std::string_view text, Milliseconds later = {}) {
  auto delivery = delivery_of(text);
  delivery.remove(id_header);
  delivery.set_received(delivery.request().received + later);
  return delivery;
}

TEST_CASE("the published and the computed Jira signature vectors hold") {
  CHECK(test::check_vectors(test::source_path("tests/samples/jira_vectors.json"), "jira") >= 16);
}

TEST_CASE("the recorded Jira signature vectors hold", "[samples]") {
  const auto samples = test::foreign_path("SIGNALBOX_SAMPLES");
  if (!samples) return;
  CHECK(test::check_vectors(*samples + "/payloads/vectors.json", "jira") >= 3);
}

TEST_CASE("each recording of Jira becomes an event of its type with its actor and work",
          "[samples]") {
  const auto samples = test::foreign_path("SIGNALBOX_SAMPLES");
  if (!samples) return;
  CHECK(test::check_payloads("jira", *samples) == 25);
}

TEST_CASE("a Jira delivery without a signature is refused, an empty one too") {
  for (const std::string_view text : {body, std::string_view{}}) {
    auto delivery = delivery_of(text);
    delivery.remove("X-Hub-Signature");
    const auto verified = delivery.verify({secret});
    REQUIRE_FALSE(verified.has_value());
    CHECK(verified.error().reason == Reason::signature_missing);
  }
}

TEST_CASE("Jira headers that occur twice are refused even when they agree") {
  for (const std::string_view name :
       {std::string_view{"X-Hub-Signature"}, id_header, std::string_view{"Content-Type"}}) {
    auto delivery = delivery_of(body);
    delivery.add(name, delivery.header(name));
    const auto event = delivery.parse(secret);
    INFO(name);
    REQUIRE_FALSE(event.has_value());
    CHECK(event.error().reason == Reason::malformed_request);
  }
}

TEST_CASE("each secret of a Jira source is tried, and the match says which one it was") {
  auto delivery = delivery_of(body);
  const auto verified = delivery.verify({"new", secret, "old"});
  REQUIRE(verified.has_value());
  CHECK(verified->key_index() == 1);
  CHECK_FALSE(delivery.verify({"new", "old"}).has_value());
  CHECK_FALSE(delivery.verify({}).has_value());
}

TEST_CASE("a Jira retry has the id of the first attempt") {
  auto retry = delivery_of(body);
  retry.add("X-Atlassian-Webhook-Retry", "3");
  retry.set_received(retry.request().received + Milliseconds{600'000});
  CHECK(identity_of(std::move(retry)).id == identity_of(delivery_of(body)).id);
}

TEST_CASE("the same Jira id at another site is another event") {
  std::string other{body};
  other.replace(other.find("acme.atlassian"), 4, "apex");
  const auto ours = identity_of(delivery_of(body));
  const auto theirs = identity_of(delivery_of(other));
  CHECK(ours.delivery == theirs.delivery);
  CHECK(ours.id != theirs.id);
}

TEST_CASE("without an id of Jira's a delivery is known by its body, whenever it comes") {
  const auto first = identity_of(without_id(body));
  const auto again = identity_of(without_id(body, Milliseconds{5000}));
  CHECK(first.id == again.id);
  CHECK(first.delivery.starts_with("digest-"));
  std::string other{body};
  other.replace(other.find("PROJ-7"), 6, "PROJ-8");
  CHECK(identity_of(without_id(other)).id != first.id);
}

TEST_CASE("without an id and without a time each arrival is a delivery of its own") {
  for (const std::string_view text : {std::string_view{}, std::string_view{"{}"}}) {
    const auto first = identity_of(without_id(text));
    CHECK(first.id == identity_of(without_id(text)).id);
    CHECK(first.id != identity_of(without_id(text, Milliseconds{1})).id);
  }
}

TEST_CASE("an excluded body is an empty object to rules and archive") {
  auto delivery = delivery_of({});
  const auto event = delivery.parse(secret);
  REQUIRE(event.has_value());
  CHECK(event->body.is(JsonKind::object));
  CHECK(event->body.raw() == "{}");
  CHECK(event->delivery == delivery.header(id_header));
}

TEST_CASE(
    "nothing of a Jira body is looked at before its signature: a stale forgery is a forgery") {
  auto delivery = delivery_of(R"({"timestamp":1})");
  delivery.set("X-Hub-Signature", "sha256=" + std::string(64, '0'));
  const auto event = delivery.parse(secret);
  REQUIRE_FALSE(event.has_value());
  CHECK(event.error().reason == Reason::signature_invalid);
}

TEST_CASE("Jira is answered within its twenty seconds") {
  CHECK(find_connector("jira")->answer_deadline < std::chrono::seconds{20});
}

}  // namespace
}  // namespace signalbox
