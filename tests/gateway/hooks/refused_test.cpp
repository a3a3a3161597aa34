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
      {"other_source", refused(signature_invalid, body, "linear-secret", body), 0},
      {"body_changed", refused(signature_invalid, "{}", "first-secret", "\xEF\xBB\xBF{}"), 0},
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

struct Told {
  std::string_view cause;
  std::string_view wrong;
  std::string text;  // is in what is said
};

void check_told(const RefusalDiagnosis& found, const Told& told) {
  INFO(found.text);
  CHECK(found.cause == told.cause);
  CHECK(found.wrong == told.wrong);
  CHECK(found.text.find(told.text) != std::string::npos);
}

TEST_CASE("a secret that has more on one end is told with the end that is wrong") {
  const std::string good = "a-good-secret";
  struct Row {
    std::string ours;
    std::string theirs;
    std::string told;
  };
  const std::vector<Row> rows{
      {good + " ", good, "own copy of this secret (file hook.txt) has a blank behind it"},
      {" " + good, good, "own copy of this secret (file hook.txt) has a blank before it"},
      {"\xEF\xBB\xBF" + good, good,
       "own copy of this secret (file hook.txt) has a byte order mark"},
      {"\"" + good + "\"", good, "own copy of this secret (file hook.txt) has quotes around it"},
      {"'" + good + "'", good, "own copy of this secret (file hook.txt) has quotes around it"},
      {"\xEF\xBB\xBF\"" + good + "\" ", good,
       "own copy of this secret (file hook.txt) has a byte order mark"},
      {good, good + " ", "provider's copy of this secret has a blank behind it"},
      {good, "\"" + good + "\"", "provider's copy of this secret has double quotes"},
      {good, "\xEF\xBB\xBF" + good, "provider's copy of this secret has a byte order mark"},
      {good, good + "\n", "provider's copy of this secret has a line feed behind it"},
  };
  for (const Row& row : rows) {
    Config config = config_of();
    config.sources[0].secrets = {{row.ours, "file hook.txt"}};
    const auto found = diagnose(refused(Reason::signature_invalid, body, row.theirs, body), config);
    check_told(found, {"secret_mistake", "secret", row.told});
    CHECK(found.text.find(good) == std::string::npos);
  }
}

TEST_CASE("JSON that was written anew by common writers is a changed body") {
  const std::string sent =
      R"({"url":"https:\/\/acme.example\/a","name":"caf\u00e9 \ud83d\ude00","html":"<b>"})";
  const std::vector<std::string> received{
      "{\"url\":\"https://acme.example/a\",\"name\":\"caf\xC3\xA9 "
      "\xF0\x9F\x98\x80\",\"html\":\"<b>\"}",
      "{\"url\": \"https://acme.example/a\", \"name\": \"caf\\u00E9 \\uD83D\\uDE00\", \"html\": "
      "\"\\u003cb>\"}",
      "{\n  \"url\": \"https://acme.example/a\",\n  \"name\": \"caf\xC3\xA9 \xF0\x9F\x98\x80\",\n  "
      "\"html\": \"<b>\"\n}\n",
  };
  const Config config = config_of();
  for (const std::string& text : received) {
    const auto found =
        diagnose(refused(Reason::signature_invalid, sent, "first-secret", text), config);
    check_told(found, {"body_changed", "body", "written anew"});
    // The other way round: what the provider sent plainly was escaped on its way.
    if (text.find("\\u") != std::string::npos) continue;
    const auto back =
        diagnose(refused(Reason::signature_invalid, received[0], "second-secret", sent), config);
    check_told(back, {"body_changed", "body", "written anew"});
  }
  const std::string python = R"({"a": [1, 2], "b": "x/y", "c": "\u00e9"})";
  const auto found = diagnose(refused(Reason::signature_invalid, python, "first-secret",
                                      "{\"a\":[1,2],\"b\":\"x/y\",\"c\":\"\xC3\xA9\"}"),
                              config);
  check_told(found, {"body_changed", "body", "written anew"});
}

TEST_CASE("what is no JSON is tried as it is, and ends") {
  const Config config = config_of();
  for (const std::string& text : {std::string{"\""}, std::string{"\"\\"}, std::string{"\"\\u12"},
                                  std::string{"\"\\ud800"}, std::string{"\"\\ud800\\u1"},
                                  std::string{"\"\xF0"}, std::string{"\xFF\xFE"}, std::string{}}) {
    CHECK(diagnose(refused(Reason::signature_invalid, body, "nobody's", text), config).cause ==
          "no_match");
  }
}

TEST_CASE("SHA-1 alone is told as such") {
  RefusedDelivery delivery = refused(Reason::signature_missing, body, "first-secret", body);
  delivery.headers = {{"x-hub-signature", "sha1=01dc10d0c83e72ed246219cdd91669667fe2ca59"}};
  check_told(diagnose(delivery, config_of()), {"sha1_only", "header", "SHA-1"});
}

TEST_CASE("of what has nothing to do with a signature is told what is wrong and what to do") {
  using enum Reason;
  const std::vector<std::pair<Reason, std::string_view>> rows{
      {malformed_body, "body"},         {unsupported_media_type, "header"},
      {event_mismatch, "header"},       {timestamp_out_of_range, "clock"},
      {timestamp_in_future, "clock"},   {out_of_scope, "secret"},
      {address_not_allowed, "address"}, {mailbox_full, "gateway"},
      {body_too_large, "body"},         {malformed_request, "header"}};
  for (const auto& [reason, wrong] : rows) {
    const auto found = diagnose(refused(reason, body, "first-secret", body), config_of());
    check_told(found, {"not_a_signature", wrong, "What to do"});
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
