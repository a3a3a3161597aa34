// What the keys of secrets take for a signature.
#include "connectors/secret_key.hpp"

#include <array>
#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "connectors/hmac.hpp"
#include "connectors/request/signature.hpp"

namespace signalbox {
namespace {

constexpr std::string_view secret = "a secret for tests";

std::string mac_of(std::string_view text, std::string_view key = secret) {
  HmacSha256 hmac{key};
  const Digest mac = hmac(text);
  return {reinterpret_cast<const char*>(mac.data()), mac.size()};
}

bool made(SecretKey& key, std::vector<std::string_view> signatures,
          std::vector<std::string_view> parts = {}) {
  return key.made({.signatures = signatures, .parts = parts});
}

std::unique_ptr<SecretKey> key_of(NewKey made) {
  REQUIRE(made.has_value());
  REQUIRE(*made != nullptr);
  return *std::move(made);
}

TEST_CASE("a key of HMAC takes the MAC of all parts together, and nothing else") {
  const auto key = key_of(hmac_sha256_key(secret));
  const std::string mac = mac_of("id.1.body");
  CHECK(made(*key, {mac}, {"id.1.body"}));
  CHECK(made(*key, {mac}, {"id", ".", "1", ".", "", "body"}));
  CHECK_FALSE(made(*key, {mac}, {"id.1.bod"}));
  CHECK_FALSE(made(*key, {mac}, {}));
  CHECK_FALSE(made(*key, {mac_of("id.1.body", "another secret")}, {"id.1.body"}));
  for (const std::string& wrong : {std::string{}, mac.substr(1), mac.substr(0, 31), mac + "x"}) {
    CHECK_FALSE(made(*key, {wrong}, {"id.1.body"}));
  }
  for (std::size_t i = 0; i < mac.size(); ++i) {
    std::string wrong = mac;
    wrong[i] = static_cast<char>(wrong[i] ^ 1);
    CHECK_FALSE(made(*key, {wrong}, {"id.1.body"}));
  }
}

TEST_CASE("a plain key takes the secret, whatever the parts are") {
  const auto key = key_of(plain_key(secret));
  CHECK(made(*key, {secret}));
  CHECK(made(*key, {secret}, {"a body"}));
  for (const std::string& wrong :
       {std::string{}, std::string{secret.substr(1)}, std::string{secret} + " ",
        std::string{secret} + std::string(1, '\0'), std::string{"A secret for tests"}}) {
    CHECK_FALSE(made(*key, {wrong}));
  }
}

TEST_CASE("one right signature of several is enough, wherever it stands; none is none") {
  const auto plain = key_of(plain_key(secret));
  const auto hmac = key_of(hmac_sha256_key(secret));
  const std::string mac = mac_of("body");
  CHECK(made(*plain, {"x", secret, ""}));
  CHECK(made(*plain, {"x", secret, "y"}));
  CHECK(made(*hmac, {mac, "x"}, {"body"}));
  CHECK(made(*hmac, {"x", mac, "y"}, {"body"}));
  CHECK_FALSE(made(*plain, {}));
  CHECK_FALSE(made(*hmac, {}, {"body"}));
}

TEST_CASE("no key is made of an empty secret, one byte will do") {
  for (const auto make : {hmac_sha256_key, plain_key}) {
    const auto none = make("");
    REQUIRE_FALSE(none.has_value());
    CHECK(none.error().reason == Reason::invalid_argument);
    CHECK(make("x").has_value());
    CHECK(make(std::string(4096, 'x')).has_value());
  }
}

TEST_CASE("a request may claim 16 signatures, and not 17") {
  std::vector<std::unique_ptr<SecretKey>> keys;
  keys.push_back(key_of(plain_key("another secret")));
  keys.push_back(key_of(plain_key(secret)));
  keys.push_back(key_of(plain_key(secret)));
  std::vector<std::string_view> signatures(15, "x");
  signatures.push_back(secret);
  const auto signer = find_signer(keys, {.signatures = signatures, .parts = {}});
  REQUIRE(signer.has_value());
  CHECK(*signer == 1);  // the first of those that fit
  signatures.push_back(secret);
  const auto refused = find_signer(keys, {.signatures = signatures, .parts = {}});
  REQUIRE_FALSE(refused.has_value());
  CHECK(refused.error().reason == Reason::signature_malformed);
  CHECK(find_signer({}, {.signatures = {}, .parts = {}}).error().reason ==
        Reason::signature_invalid);
}

}  // namespace
}  // namespace signalbox
