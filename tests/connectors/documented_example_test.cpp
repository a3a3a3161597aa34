// The connector that docs/CONNECTORS.md shows works as it stands there.
#include <catch2/catch.hpp>

#include "tests/connectors/delivery.hpp"

namespace signalbox {

extern const Connector example;

namespace {

constexpr std::string_view secret = "a secret for examples";
constexpr std::string_view text =
    R"({"event":"ticketOpened","project":"acme","ticket":7,"time":"2026-01-05T08:00:00Z"})";

Result<Event> event_of(std::string_view signed_text, std::string_view key, ParseScratch& scratch) {
  const auto headers = example.sign("example.ticket", "d-1", signed_text, key);
  const std::vector<Headers::Field> fields(headers.begin(), headers.end());
  std::string body{text};
  body.append(json_padding, ' ');
  SourceKeys keys{.connector = &example, .keys = {}};
  REQUIRE_FALSE(keys.add(secret));
  const Unverified request{"example", Headers{fields},
                           std::string_view{body}.substr(0, text.size()), Time{}};
  const auto verified = verify(keys, request);
  if (!verified) return verified.error();
  auto event = example.parse(*verified, scratch);
  if (event) {
    event->body = {};
    event->headers = Headers{};
  }
  return event;
}

TEST_CASE("the documented connector makes an event of what was signed, and of nothing else") {
  ParseScratch scratch;
  const auto event = event_of(text, secret, scratch);
  INFO((event ? "" : event.error().detail));
  REQUIRE(event.has_value());
  CHECK(event->type == "example.ticketopened");
  CHECK(event->subject == "example:acme#7");
  CHECK(event->places == std::vector<std::string>{"acme"});
  CHECK(event->digest_guards);
  CHECK(event_of(text, "another secret", scratch).error().reason == Reason::signature_invalid);
  CHECK(event_of("{}", secret, scratch).error().reason == Reason::signature_invalid);
}

}  // namespace
}  // namespace signalbox
