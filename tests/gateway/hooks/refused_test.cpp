// Refused deliveries: what is kept of them, and what is found out about them.
#include <catch2/catch.hpp>

#include "gateway/hooks/refusal_diagnosis.hpp"

namespace signalbox {
namespace {

const std::string body = R"({"action": "opened", "text": "a \" b"})";

SourceConfig source_of(const std::string& name, const std::string& connector,
                       const std::vector<std::string>& secrets) {
  SourceConfig source;
  source.name = name;
  source.connector = find_connector(connector);
  for (const std::string& secret : secrets) source.secrets.push_back({secret, "env " + secret});
  return source;
}

Config config_of() {
  Config config;
  config.sources = {source_of("github", "github", {"first-secret", "second-secret"}),
                    source_of("other", "github", {"other-secret"}),
                    source_of("linear", "linear", {"linear-secret"})};
  return config;
}

RefusedDelivery refused(Reason reason, const std::string& signed_body, const std::string& secret,
                        std::string received_body, const std::string& signer = "github") {
  RefusedDelivery delivery;
  delivery.source = "github";
  delivery.delivery = "d-1";
  delivery.error = {reason, "detail"};
  delivery.headers = find_connector(signer)->sign(
      signer == "github" ? "github.pull_request.opened" : "linear.issue.update", "d-1", signed_body,
      secret);
  delivery.body_bytes = received_body.size();
  delivery.body = std::move(received_body);
  return delivery;
}

TEST_CASE("what is wrong with a signature is found") {
  using enum Reason;
  struct Row {
    std::string_view cause;
    RefusedDelivery delivery;
    std::optional<std::size_t> secret;
  };
  const std::string compact = R"({"action":"opened","text":"a \" b"})";
  const std::vector<Row> rows{
      {"secret_of_now", refused(signature_invalid, body, "second-secret", body), 1},
      {"secret_mistake", refused(signature_invalid, body, "first-secret\n", body), 0},
      {"secret_mistake", refused(signature_invalid, body, "second-secret\r\n", body), 1},
      {"secret_mistake", refused(signature_invalid, body, "\"first-secret\"", body), 0},
      {"secret_mistake", refused(signature_invalid, body, " first-secret", body), 0},
      {"other_source", refused(signature_invalid, body, "other-secret", body), 0},
      {"other_source", refused(signature_missing, body, "linear-secret", body, "linear"), 0},
      {"body_changed", refused(signature_invalid, body + "\n", "first-secret", body), 0},
      {"body_changed", refused(signature_invalid, body, "second-secret", body + "\r\n"), 1},
      {"body_changed", refused(signature_invalid, "{\n}", "first-secret", "{\r\n}"), 0},
      {"body_changed", refused(signature_invalid, "{\r\n}", "first-secret", "{\n}"), 0},
      {"body_changed", refused(signature_invalid, "\xEF\xBB\xBF{}", "first-secret", "{}"), 0},
      {"body_changed", refused(signature_invalid, compact, "first-secret", body), 0},
      {"empty_secret", refused(signature_invalid, body, std::string(1, '\0'), body), {}},
      {"no_match", refused(signature_invalid, body, "nobody's", body), {}},
      {"no_match", refused(signature_invalid, body, "first-secret", "another body"), {}},
      {"other_provider", refused(signature_missing, body, "nobody's", body, "linear"), {}},
      {"signature_malformed", refused(signature_malformed, body, "first-secret", body), {}},
      {"not_a_signature", refused(store_unavailable, body, "first-secret", body), {}},
  };
  const Config config = config_of();
  for (const Row& row : rows) {
    const RefusalDiagnosis found = diagnose(row.delivery, config);
    INFO(found.text);
    CHECK(found.cause == row.cause);
    CHECK(found.secret == row.secret);
    CHECK(found.origin.empty() == !row.secret);
    CHECK_FALSE(found.text.empty());
  }
}

TEST_CASE("an unsigned request, a large one and one of a source that is gone are named") {
  const Config config = config_of();
  RefusedDelivery unsigned_one = refused(Reason::signature_missing, body, "x", body);
  unsigned_one.headers.clear();
  CHECK(diagnose(unsigned_one, config).cause == "no_signature");
  RefusedDelivery large = refused(Reason::signature_invalid, body, "x", body);
  large.body.clear();
  CHECK(diagnose(large, config).cause == "body_not_kept");
  RefusedDelivery gone = refused(Reason::signature_invalid, body, "x", body);
  gone.source = "gone";
  CHECK(diagnose(gone, config).cause == "source_unknown");
}

TEST_CASE("a diagnosis hashes a bounded number of bytes") {
  Config config = config_of();
  for (int i = 0; i < 300; ++i) config.sources[0].secrets.push_back({"s" + std::to_string(i), ""});
  const std::string large(refused_body_bytes_max, 'x');
  const RefusedDelivery delivery = refused(Reason::signature_invalid, body, "nobody's", large);
  CHECK(diagnose(delivery, config).cause == "too_costly");
}

TEST_CASE("a ring keeps the newest deliveries") {
  RefusedRing ring;
  for (int i = 0; i < 10; ++i) {
    RefusedDelivery delivery;
    delivery.delivery = i % 2 == 0 ? "even" : "odd";
    delivery.peer = std::to_string(i);
    ring.keep(std::move(delivery), 4);
  }
  const auto all = ring.find("", 100);
  REQUIRE(all.size() == 4);
  CHECK(all.front()->peer == "9");
  CHECK(all.back()->peer == "6");
  CHECK(ring.find("even", 100).size() == 2);
  CHECK(ring.find("even", 1).front()->peer == "8");
  CHECK(ring.find("none", 100).empty());
}

TEST_CASE("a ring is bounded by bytes, and by those of one body") {
  RefusedRing ring;
  for (int i = 0; i < 100; ++i) {
    RefusedDelivery delivery;
    delivery.body.assign(256 * 1024, 'x');
    delivery.body_bytes = delivery.body.size();
    ring.keep(std::move(delivery), keep_refused_max);
  }
  // 64 such bodies are 16 MiB, and there is something beside each.
  const auto kept = ring.find("", 100);
  CHECK(kept.size() == 63);
  CHECK(kept.front()->is_whole());
  RefusedDelivery large;
  large.body.assign(refused_body_bytes_max + 1, 'x');
  large.body_bytes = large.body.size();
  ring.keep(std::move(large), keep_refused_max);
  CHECK_FALSE(ring.find("", 1).front()->is_whole());
  CHECK(ring.find("", 1).front()->body.empty());
}

}  // namespace
}  // namespace signalbox
