// RFC 4231 has the vectors; OpenSSL's one-shot HMAC() is the second opinion.
#include "connectors/hmac.hpp"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <catch2/catch.hpp>
#include <stdexcept>

namespace signalbox {
namespace {

std::string mac_hex(HmacSha256& hmac, std::string_view bytes) { return to_hex(hmac(bytes)); }

Digest one_shot(std::string_view key, std::string_view bytes) {
  Digest digest;
  unsigned size = 0;
  const auto* data = reinterpret_cast<const unsigned char*>(bytes.data());
  REQUIRE(HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), data, bytes.size(),
               digest.data(), &size) != nullptr);
  return digest;
}

TEST_CASE("the vectors of RFC 4231 hold") {
  struct Row {
    std::string key;
    std::string data;
    std::string mac;
  };
  const Row rows[] = {
      {std::string(20, '\x0b'), "Hi There",
       "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"},
      {"Jefe", "what do ya want for nothing?",
       "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"},
      {std::string(20, '\xaa'), std::string(50, '\xdd'),
       "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"},
      {std::string(131, '\xaa'), "Test Using Larger Than Block-Size Key - Hash Key First",
       "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"},
  };
  for (const auto& [key, data, mac] : rows) {
    HmacSha256 hmac{key};
    CHECK(mac_hex(hmac, data) == mac);
  }
}

TEST_CASE("a context gives the same answers however often it is used") {
  const std::string keys[] = {"k", std::string(64, 'x'), std::string(200, 'y')};
  for (const std::string& key : keys) {
    HmacSha256 hmac{key};
    for (std::size_t size = 0; size < 300; ++size) {
      const std::string data(size, static_cast<char>('a' + size % 26));
      REQUIRE(hmac(data) == one_shot(key, data));
    }
  }
}

TEST_CASE("two contexts do not disturb each other") {
  HmacSha256 first{"first"};
  HmacSha256 second{"second"};
  CHECK(first("x") == one_shot("first", "x"));
  CHECK(second("x") == one_shot("second", "x"));
  CHECK(first("y") == one_shot("first", "y"));
}

TEST_CASE("a moved context keeps its key") {
  HmacSha256 hmac{"key"};
  HmacSha256 moved{std::move(hmac)};
  CHECK(moved("x") == one_shot("key", "x"));
}

TEST_CASE("parts are hashed as their concatenation") {
  HmacSha256 hmac{"key"};
  CHECK(hmac({"v0:", "1531420618", ":", "body"}) == hmac("v0:1531420618:body"));
  CHECK(hmac({"", "a", ""}) == hmac("a"));
  CHECK(hmac(std::initializer_list<std::string_view>{}) == hmac(""));
}

TEST_CASE("an empty key is refused") { CHECK_THROWS_AS(HmacSha256{""}, std::invalid_argument); }

TEST_CASE("digests that differ in any bit are not equal") {
  const Digest digest = sha256("x");
  CHECK(equal_in_constant_time(digest, digest));
  for (std::size_t bit = 0; bit < 256; ++bit) {
    Digest other = digest;
    other[bit / 8] ^= static_cast<std::uint8_t>(1U << (bit % 8));
    REQUIRE_FALSE(equal_in_constant_time(digest, other));
  }
}

}  // namespace
}  // namespace signalbox
