// A connector is one file whatever its provider's secrets are: three that are not HMAC over the
// body, each in a file beside this one.
#include <array>
#include <catch2/catch.hpp>

#include "connectors/request/signature.hpp"
#include "tests/connectors/delivery.hpp"

namespace signalbox::test {

extern const Connector plain_token;
extern const Connector standard_webhooks;
extern const Connector public_key;

namespace {

constexpr std::array<const Connector*, 3> schemes{&plain_token, &standard_webhooks, &public_key};
constexpr std::string_view body = R"({"type":"invoice.paid","id":7})";

Delivery signed_by(const Connector& connector, const SecretPair& secret,
                   std::string_view text = body) {
  return {connector.sign({}, "msg_7", text, secret.signing), text, connector};
}

Reason reason_of(const Result<Verified>& result) {
  REQUIRE_FALSE(result.has_value());
  return result.error().reason;
}

TEST_CASE("what a scheme signs becomes an event, under the secret that signed it") {
  for (const Connector* scheme : schemes) {
    INFO(scheme->name);
    const SecretPair secret = scheme->invent_secret();
    const SecretPair other = scheme->invent_secret();
    auto delivery = signed_by(*scheme, secret);
    const auto verified = delivery.verify({other.checking, secret.checking});
    REQUIRE(verified.has_value());
    CHECK(verified->key_index() == 1);
    CHECK(verified->digest() == sha256(body));
    const auto event = delivery.parse(secret.checking);
    INFO((event ? "" : event.error().detail));
    REQUIRE(event.has_value());
    CHECK(event->connector == scheme->name);
    CHECK(event->type.starts_with(std::string{scheme->name} + "."));
    CHECK(event->delivery == "msg_7");
    CHECK(reason_of(delivery.verify({other.checking})) == Reason::signature_invalid);
  }
}

TEST_CASE("a body that was changed is refused wherever the body is signed") {
  for (const Connector* scheme : schemes) {
    INFO(scheme->name);
    const SecretPair secret = scheme->invent_secret();
    Delivery changed{scheme->sign({}, "msg_7", body, secret.signing), "{}", *scheme};
    CHECK(changed.verify({secret.checking}).has_value() == (scheme == &plain_token));
  }
}

TEST_CASE("an empty signature is a refusal, and so is one that is missing or occurs twice") {
  const std::pair<const Connector*, std::string_view> rows[] = {
      {&plain_token, "X-Scheme-Token"},
      {&standard_webhooks, "Webhook-Signature"},
      {&public_key, "X-Signature-Ed25519"},
  };
  for (const auto& [scheme, header] : rows) {
    INFO(header);
    const SecretPair secret = scheme->invent_secret();
    auto delivery = signed_by(*scheme, secret);
    delivery.add(header, delivery.header(header));
    CHECK(reason_of(delivery.verify({secret.checking})) == Reason::malformed_request);
    delivery.set(header, "");
    CHECK(reason_of(delivery.verify({secret.checking})) ==
          (scheme == &public_key ? Reason::signature_malformed : Reason::signature_invalid));
    delivery.remove(header);
    CHECK(reason_of(delivery.verify({secret.checking})) == Reason::signature_missing);
  }
}

TEST_CASE("a secret of another form is no key, and what is wrong is said without the secret") {
  const std::pair<const Connector*, std::string_view> rows[] = {
      {&standard_webhooks, "whsec_hunter2-hunter2"},
      {&standard_webhooks, "whsec_"},
      {&public_key, "hunter2"},
      {&public_key, "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af466"},
      {&public_key, "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c0c"},
  };
  for (const auto& [scheme, secret] : rows) {
    INFO(secret);
    const auto key = scheme->make_key(secret);
    REQUIRE_FALSE(key.has_value());
    CHECK(key.error().reason == Reason::invalid_argument);
    CHECK(key.error().detail.find("it must be") == 0);
    CHECK(key.error().detail.find("hunter2") == std::string::npos);
    SourceKeys keys{.connector = scheme, .keys = {}};
    CHECK(keys.add(secret));
    CHECK(keys.keys.empty());
  }
}

TEST_CASE("vectors of Standard Webhooks and Ed25519 hold") {
  Delivery standard{{{"webhook-id", "msg_7"},
                     {"webhook-timestamp", "1767600000"},
                     {"webhook-signature", "v1,ATl6D9SAuAv2+BWfn4BPoL/Dsxj1It5MH0izVeBSAhE="}},
                    body,
                    standard_webhooks};
  CHECK(standard.verify({"whsec_YSBzZWNyZXQgb2YgMjQgYnl0ZXMsIG9r"}).has_value());
  CHECK(standard.verify({"YSBzZWNyZXQgb2YgMjQgYnl0ZXMsIG9r"}).has_value());
  CHECK_FALSE(standard.verify({"whsec_YSBzZWNyZXQgb2YgMjQgYnl0ZXMsIG9q"}).has_value());
  // RFC 8032, 7.1, test 2: the message is "r", here all of it the time.
  Delivery discord{{{"X-Signature-Timestamp", "r"},
                    {"X-Signature-Ed25519",
                     "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
                     "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"}},
                   "",
                   public_key};
  CHECK(discord.verify({"3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c"})
            .has_value());
}

TEST_CASE("one right signature of a list is enough, as long as the list is not too long") {
  const SecretPair secret = standard_webhooks.invent_secret();
  auto delivery = signed_by(standard_webhooks, secret);
  const std::string right = delivery.header("Webhook-Signature");
  const std::string wrong = "v1,ATl6D9SAuAv2+BWfn4BPoL/Dsxj1It5MH0izVeBSAhE= ";
  std::string list = "v2,x ";
  for (std::size_t i = 0; i + 1 < 16; ++i) list += wrong;
  delivery.set("Webhook-Signature", list + right);
  CHECK(delivery.verify({secret.checking}).has_value());
  delivery.set("Webhook-Signature", list + wrong + right);
  CHECK(reason_of(delivery.verify({secret.checking})) == Reason::signature_malformed);
  delivery.set("Webhook-Signature", list);
  CHECK(reason_of(delivery.verify({secret.checking})) == Reason::signature_invalid);
}

TEST_CASE("a time that stands in a signed header is held against the window") {
  const SecretPair secret = standard_webhooks.invent_secret();
  auto delivery = signed_by(standard_webhooks, secret);
  const Time sent{Milliseconds{1'767'600'000'000}};
  const auto taken = [&](Milliseconds later) {
    delivery.set_received(sent + later);
    return delivery.parse(secret.checking).has_value();
  };
  CHECK(taken(default_replay_window));
  CHECK_FALSE(taken(default_replay_window + Milliseconds{1}));
}

}  // namespace
}  // namespace signalbox::test
