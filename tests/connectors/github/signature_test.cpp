// Which requests a secret proves. The vectors are data: tests/samples/github_vectors.json, and the
// larger table that $SIGNALBOX_SAMPLES points to, which has the same columns.
#include <catch2/catch.hpp>

#include "tests/connectors/delivery.hpp"
#include "tests/connectors/vector_table.hpp"
#include "tests/foreign_files.hpp"
#include "tests/source_tree.hpp"

namespace signalbox {
namespace {

constexpr std::string_view body = R"({"zen":"Design for failure.","hook_id":1})";

test::Delivery ping() { return test::Delivery::signed_github("github.ping", body, "secret"); }

Reason reason_of(const Result<Verified>& result) {
  REQUIRE_FALSE(result.has_value());
  return result.error().reason;
}

TEST_CASE("the published and the computed GitHub signature vectors hold") {
  CHECK(test::check_vectors(test::source_path("tests/samples/github_vectors.json"), "github") >= 5);
}

TEST_CASE("the recorded GitHub signature vectors hold", "[samples]") {
  const auto samples = test::foreign_path("SIGNALBOX_SAMPLES");
  if (!samples) return;
  CHECK(test::check_vectors(*samples + "/payloads/vectors.json", "github") >= 11);
}

TEST_CASE("a signature in another form than sha256= and 64 hexadecimal digits is refused") {
  const std::string good = ping().header("X-Hub-Signature-256");
  const std::string hex = good.substr(7);
  const std::string wrong[] = {"",
                               "sha256=",
                               hex,
                               "sha1=" + hex,
                               "SHA256=" + hex,
                               "sha256 =" + hex,
                               "sha256= " + hex,
                               " " + good,
                               good + " ",
                               good + "0",
                               good + "00",
                               good.substr(0, good.size() - 1),
                               good.substr(0, good.size() - 2),
                               good + "," + good,
                               "sha256=" + std::string(64, 'g'),
                               "sha256=0x" + hex.substr(2),
                               "sha512=" + hex + hex};
  for (const std::string& value : wrong) {
    auto delivery = ping();
    delivery.set("X-Hub-Signature-256", value);
    INFO(value);
    CHECK(reason_of(delivery.verify({"secret"})) == Reason::signature_malformed);
  }
}

TEST_CASE("a signature with any digit changed is refused") {
  const std::string good = ping().header("X-Hub-Signature-256");
  for (std::size_t i = 7; i < good.size(); ++i) {
    std::string forged = good;
    forged[i] = forged[i] == '0' ? '1' : '0';
    auto delivery = ping();
    delivery.set("X-Hub-Signature-256", forged);
    REQUIRE(reason_of(delivery.verify({"secret"})) == Reason::signature_invalid);
  }
}

TEST_CASE("a body with any byte changed, lost or added is refused") {
  const auto headers = [] {
    const auto github = find_connector("github");
    return github->sign("github.ping", "1", body, "secret");
  }();
  for (std::size_t i = 0; i < body.size(); ++i) {
    std::string changed{body};
    changed[i] ^= 1;
    test::Delivery delivery{headers, changed};
    REQUIRE(reason_of(delivery.verify({"secret"})) == Reason::signature_invalid);
  }
  for (const std::string& other :
       {std::string{}, std::string{body.substr(1)}, std::string{body} + "\n"}) {
    test::Delivery delivery{headers, other};
    CHECK(reason_of(delivery.verify({"secret"})) == Reason::signature_invalid);
  }
}

TEST_CASE("a request without the SHA-256 header is refused, whatever its SHA-1 header says") {
  auto delivery = ping();
  delivery.remove("X-Hub-Signature-256");
  CHECK(reason_of(delivery.verify({"secret"})) == Reason::signature_missing);
  delivery.add("X-Hub-Signature", "sha1=01dc10d0c83e72ed246219cdd91669667fe2ca59");
  CHECK(reason_of(delivery.verify({"secret"})) == Reason::signature_missing);
}

TEST_CASE("a signature header that occurs twice is refused even when both are right") {
  auto delivery = ping();
  delivery.add("x-hub-signature-256", delivery.header("X-Hub-Signature-256"));
  CHECK(reason_of(delivery.verify({"secret"})) == Reason::malformed_request);
}

TEST_CASE("header names are compared without case, and either case of the digits is taken") {
  auto delivery = ping();
  std::string value = delivery.header("X-Hub-Signature-256");
  for (std::size_t i = 7; i < value.size(); ++i) {
    if (value[i] >= 'a') value[i] = static_cast<char>(value[i] - 0x20);
  }
  delivery.remove("X-Hub-Signature-256");
  delivery.add("x-HUB-signature-256", value);
  CHECK(delivery.verify({"secret"}).has_value());
}

TEST_CASE("each secret of a source is tried, and the match says which one it was") {
  auto delivery = ping();
  const auto first = delivery.verify({"secret", "old", "older"});
  REQUIRE(first.has_value());
  CHECK(first->key_index() == 0);
  const auto last = delivery.verify({"new", "newer", "secret"});
  REQUIRE(last.has_value());
  CHECK(last->key_index() == 2);
  CHECK(last->digest() == first->digest());
  const auto doubled = delivery.verify({"new", "secret", "secret"});
  REQUIRE(doubled.has_value());
  CHECK(doubled->key_index() == 1);
  CHECK(reason_of(delivery.verify({"new", "newer"})) == Reason::signature_invalid);
}

TEST_CASE("a source without secrets verifies nothing") {
  auto delivery = ping();
  CHECK(reason_of(delivery.verify({})) == Reason::signature_invalid);
}

TEST_CASE("the digest is a function of the body and of its secret") {
  const auto digest = [](std::string_view text, std::string_view secret) {
    auto delivery = test::Delivery::signed_github("github.ping", text, secret);
    const auto verified = delivery.verify({secret});
    REQUIRE(verified.has_value());
    return verified->digest();
  };
  CHECK(digest("{}", "a") == digest("{}", "a"));
  CHECK(digest("{}", "a") != digest("{ }", "a"));
  CHECK(digest("{}", "a") != digest("{}", "b"));
}

TEST_CASE("no refusal tells the expected signature or the secret") {
  auto delivery = ping();
  const std::string right = delivery.header("X-Hub-Signature-256").substr(7);
  for (const std::string& value :
       {std::string{"sha256="} + std::string(64, '0'), std::string{"x"}}) {
    delivery.set("X-Hub-Signature-256", value);
    const auto refused = delivery.verify({"secret"});
    REQUIRE_FALSE(refused.has_value());
    CHECK(refused.error().detail.find(right) == std::string::npos);
    CHECK(refused.error().detail.find("secret'") == std::string::npos);
  }
}

}  // namespace
}  // namespace signalbox
