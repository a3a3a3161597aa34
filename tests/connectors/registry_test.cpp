// What holds of every connector, and where else its name stands.
#include <algorithm>
#include <catch2/catch.hpp>

#include "connectors/connector.hpp"
#include "connectors/request/names.hpp"
#include "event/connector_names.hpp"
#include "tests/connectors/delivery.hpp"
#include "tests/documents.hpp"

namespace signalbox {
namespace {

TEST_CASE("each connector is found by its name, and no other name finds one") {
  REQUIRE(all_connectors().size() == connector_names.size());
  for (std::size_t i = 0; i < connector_names.size(); ++i) {
    const Connector* connector = all_connectors()[i];
    INFO("the row in event/connector_names.hpp is `name` of the constant of that name");
    REQUIRE(connector->name == connector_names[i]);
    CHECK(find_connector(connector->name) == connector);
    CHECK(is_plain_name(connector->name));
    CHECK(is_plain_name(connector->delivery_header));
    CHECK(connector->answer_deadline > Milliseconds{0});
    CHECK(connector->make_key != nullptr);
    CHECK(connector->invent_secret != nullptr);
    CHECK(connector->check_signature != nullptr);
    CHECK(connector->parse != nullptr);
    CHECK(connector->sign != nullptr);
  }
  CHECK(std::ranges::is_sorted(connector_names));
  CHECK(find_connector("GitHub") == nullptr);
  CHECK(find_connector("no-such-provider") == nullptr);
  CHECK(find_connector("") == nullptr);
}

TEST_CASE("connectors in words are all of them") {
  const std::string words = connectors_in_words();
  for (const std::string_view name : connector_names) {
    CHECK(words.find(name) != std::string::npos);
  }
  CHECK(words.starts_with(std::string{connector_names.front()} + ", "));
  CHECK(words.ends_with(" or " + std::string{connector_names.back()}));
}

TEST_CASE("what a connector signs with an invented secret it verifies, and with no other") {
  for (const Connector* connector : all_connectors()) {
    INFO(connector->name);
    const SecretPair secret = connector->invent_secret();
    const SecretPair other = connector->invent_secret();
    CHECK(secret.checking != other.checking);
    auto delivery = test::Delivery::signed_by(connector->name, {}, "{}", secret.signing);
    CHECK(delivery.verify({secret.checking}).has_value());
    CHECK_FALSE(delivery.verify({other.checking}).has_value());
  }
}

TEST_CASE("a source without secrets verifies nothing, whatever its connector says of no key") {
  Connector lax = *all_connectors().front();
  lax.check_signature = [](SecretKeys, const Unverified&) -> Result<SignatureMatch> {
    return SignatureMatch{};
  };
  test::Delivery delivery{{}, "{}", lax};
  const auto verified = delivery.verify({});
  REQUIRE_FALSE(verified.has_value());
  CHECK(verified.error().reason == Reason::signature_invalid);
}

TEST_CASE("an empty secret is no key of any connector") {
  for (const Connector* connector : all_connectors()) {
    INFO(connector->name);
    const auto key = connector->make_key("");
    REQUIRE_FALSE(key.has_value());
    CHECK(key.error().reason == Reason::invalid_argument);
    CHECK_FALSE(key.error().detail.empty());
  }
}

TEST_CASE("a header that is empty or missing is a refusal at worst, never an exception") {
  for (const Connector* connector : all_connectors()) {
    const SecretPair secret = connector->invent_secret();
    const auto headers = connector->sign({}, "d-1", "{}", secret.signing);
    REQUIRE_FALSE(headers.empty());
    std::size_t refused = 0;
    for (const auto& [name, value] : headers) {
      INFO(connector->name << " " << name);
      test::Delivery delivery{headers, "{}", *connector};
      delivery.set(name, "");
      refused += delivery.parse(secret.checking).has_value() ? 0 : 1;
      delivery.remove(name);
      refused += delivery.parse(secret.checking).has_value() ? 0 : 1;
    }
    CHECK(refused >= 2);  // the signature's at least
  }
}

TEST_CASE("the schema of the configuration names each connector", "[docs]") {
  std::string names;
  for (const std::string_view name : connector_names) {
    names += (names.empty() ? "\"" : ", \"") + std::string{name} + "\"";
  }
  test::check_between("docs/schema/signalbox.json",
                      "\"connector\": {\"description\": \"Who sends\", ", "}",
                      "\"enum\": [" + names + "]");
}

}  // namespace
}  // namespace signalbox
