// Linear's signatures, retries and recordings; the tables are tests/samples/linear_*.json.
#include <catch2/catch.hpp>

#include "tests/connectors/delivery.hpp"
#include "tests/connectors/payload_table.hpp"
#include "tests/connectors/vector_table.hpp"
#include "tests/foreign_files.hpp"
#include "tests/source_tree.hpp"

namespace signalbox {
namespace {

constexpr std::string_view secret = "a secret for tests";
constexpr std::string_view body =
    R"({"type":"Issue","action":"update","createdAt":"2026-01-05T08:00:00.000Z",)"
    R"("data":{"id":"i1"},"organizationId":"o1","webhookTimestamp":1767600000000,"webhookId":"w1"})";

test::Delivery delivery_of(std::string_view text) {
  return test::Delivery::signed_by("linear", "linear.issue.update", text, secret);
}

Event event_of(std::string_view text) {
  auto delivery = delivery_of(text);
  auto event = delivery.parse(secret);
  INFO((event ? "" : event.error().detail));
  REQUIRE(event.has_value());
  event->body = {};
  event->headers = Headers{};
  return *std::move(event);
}

std::string with(std::string text, std::string_view from, std::string_view to) {
  const auto at = text.find(from);
  REQUIRE(at != std::string::npos);
  return text.replace(at, from.size(), to);
}

TEST_CASE("a change that two webhooks deliver is one event, whatever the order of its members") {
  const Digest first = event_of(body).digest;
  const std::string later = with(std::string{body}, "1767600000000", "1767600000999");
  CHECK(event_of(with(later, "\"w1\"", "\"another-webhook\"")).digest == first);
  CHECK(event_of(with(std::string{body}, "\"i1\"", "\"i2\"")).digest != first);
  CHECK(event_of(with(std::string{body}, "08:00:00.000Z", "08:00:00.001Z")).digest != first);

  constexpr std::string_view turned =
      R"({"webhookId":"w1","type":"Issue","createdAt":"x","webhookTimestamp":1767600000000})";
  const std::string other{turned};
  CHECK(event_of(with(other, "w1", "w2")).digest == event_of(turned).digest);
  CHECK(event_of(with(other, "\"x\"", "\"y\"")).digest != event_of(turned).digest);
}

TEST_CASE("the published and the computed Linear signature vectors hold") {
  CHECK(test::check_vectors(test::source_path("tests/samples/linear_vectors.json"), "linear") >= 9);
}

TEST_CASE("the recorded Linear signature vectors hold", "[samples]") {
  const auto samples = test::foreign_path("SIGNALBOX_SAMPLES");
  if (!samples) return;
  CHECK(test::check_vectors(*samples + "/payloads/vectors.json", "linear") >= 4);
}

TEST_CASE("each recording of Linear becomes an event of its type with its actor and work",
          "[samples]") {
  const auto samples = test::foreign_path("SIGNALBOX_SAMPLES");
  if (!samples) return;
  CHECK(test::check_payloads("linear", *samples) == 21);
}

TEST_CASE("a Linear delivery without a signature is refused, whatever else it carries") {
  auto delivery = delivery_of(body);
  delivery.remove("Linear-Signature");
  const auto verified = delivery.verify({secret});
  REQUIRE_FALSE(verified.has_value());
  CHECK(verified.error().reason == Reason::signature_missing);
}

TEST_CASE("Linear headers that occur twice are refused even when they agree") {
  for (const std::string_view name : {"Linear-Signature", "Linear-Delivery", "Content-Type"}) {
    auto delivery = delivery_of(body);
    delivery.add(name, delivery.header(name));
    const auto event = delivery.parse(secret);
    INFO(name);
    REQUIRE_FALSE(event.has_value());
    CHECK(event.error().reason == Reason::malformed_request);
  }
}

TEST_CASE("each secret of a Linear source is tried, and the match says which one it was") {
  auto delivery = delivery_of(body);
  const auto verified = delivery.verify({"new", secret, "old"});
  REQUIRE(verified.has_value());
  CHECK(verified->key_index() == 1);
  CHECK_FALSE(delivery.verify({"new", "old"}).has_value());
  CHECK_FALSE(delivery.verify({}).has_value());
}

TEST_CASE(
    "nothing of a Linear body is looked at before its signature: a stale forgery is a forgery") {
  auto delivery = delivery_of(with(std::string{body}, "1767600000000", "1"));
  delivery.set("Linear-Signature", std::string(64, '0'));
  const auto event = delivery.parse(secret);
  REQUIRE_FALSE(event.has_value());
  CHECK(event.error().reason == Reason::signature_invalid);
}

TEST_CASE(
    "a Linear retry with a fresh time of sending is the same body, anything else is another") {
  const Digest digest = event_of(body).digest;
  CHECK(event_of(with(std::string{body}, "1767600000000", "1767600060000")).digest == digest);
  CHECK(event_of(with(std::string{body}, "00.000Z", "00.001Z")).digest != digest);
  CHECK(event_of(with(std::string{body}, "\"i1\"", "\"i2\"")).digest != digest);
  // By another webhook: the same change.
  CHECK(event_of(with(std::string{body}, "\"w1\"", "\"w2\"")).digest == digest);
}

TEST_CASE("a Linear body whose only time is that of sending differs by it") {
  constexpr std::string_view text = R"({"type":"OAuthApp","webhookTimestamp":1767600000000})";
  CHECK(event_of(text).digest !=
        event_of(with(std::string{text}, "1767600000000", "1767600060000")).digest);
}

TEST_CASE("a signed Linear delivery has the headers of Linear") {
  auto delivery = delivery_of(body);
  CHECK(delivery.header("Linear-Event") == "Issue");
  CHECK(delivery.header("Linear-Signature").size() == 64);
  auto event = delivery.parse(secret);
  REQUIRE(event.has_value());
  CHECK(event->connector == "linear");
  CHECK(event->source == "linear");
  CHECK(event->delivery == delivery.header("Linear-Delivery"));
  CHECK(event->id == event_id("linear", event->delivery));
  CHECK(event->time == delivery.request().received);
}

TEST_CASE("Linear is answered within its five seconds") {
  CHECK(find_connector("linear")->answer_deadline < std::chrono::seconds{5});
}

}  // namespace
}  // namespace signalbox
