// The public listener's answers without a socket: statuses, what senders and the log are told, and
// what is kept of refused deliveries.
#include "gateway/hooks/hooks_handler.hpp"

#include <catch2/catch.hpp>

#include "tests/gateway/captured_log.hpp"
#include "tests/gateway/worker_fixture.hpp"

namespace signalbox {
namespace {

using test::CapturedLog;
using test::drop_header;
using test::header_of;
using test::member;
using test::pull_request;
using test::pull_request_body;
using test::Sent;
using test::set_header;
using test::WorkerFixture;

constexpr std::string_view signature_header = "X-Hub-Signature-256";

Sent at(std::string target, std::string method = "POST") {
  Sent sent = pull_request();
  sent.target = std::move(target);
  sent.method = std::move(method);
  return sent;
}

Sent unsigned_one(std::string id = "delivery-1") {
  Sent sent = pull_request(std::move(id));
  drop_header(sent.headers, signature_header);
  return sent;
}

Sent forged() {
  Sent sent = pull_request("delivery-of-a-forger");
  sent.body.replace(sent.body.find("Faster"), 6, "forged");
  return sent;
}

Sent from(std::string peer) {
  Sent sent = at("/hooks/office");
  sent.peer = std::move(peer);
  return sent;
}

}  // namespace

TEST_CASE("an answer and a log line name the rules that failed", "[hooks]") {
  WorkerFixture fixture;
  const CapturedLog log;
  const Response answer = fixture.hooks(test::delivery(
      "github.milestone", "delivery-1",
      R"({"action":"opened","milestone":{"id":1,"updated_at":"2026-01-05T10:00:00Z"},)"
      R"("repository":{"id":7001,"full_name":"acme/api"}})"));
  CHECK(answer.status == 200);
  CHECK(member(answer, "status") == "partly_dropped");
  CHECK(member(answer, "reason") == "template_failed");
  CHECK(member(answer, "failures").find(R"("rule":"milestone-due")") != std::string::npos);
  CHECK(log.text().find("status=partly_dropped") != std::string::npos);
  CHECK(log.text().find("failed_rules=milestone-due") != std::string::npos);
}

TEST_CASE("each kind of delivery has its status and its reason", "[hooks]") {
  struct Row {
    std::string_view claim;
    Sent sent;
    unsigned status;
    std::string reason;
  };
  const std::vector<Row> rows{
      {"taken", pull_request(), 200, ""},
      {"extra slashes", at("//hooks//github/"), 200, ""},
      {"no source", at("/hooks"), 404, "not_found"},
      {"a path behind the source", at("/hooks/github/more"), 404, "not_found"},
      {"another path", at("/hook/github"), 404, "not_found"},
      {"another method", at("/hooks/github", "GET"), 405, "method_not_allowed"},
      {"a source of nobody", at("/hooks/none"), 404, "unknown_source"},
      {"no signature", unsigned_one(), 401, "unauthorized"},
      {"a forged body", forged(), 401, "unauthorized"},
      {"an address that is not allowed", from("192.0.2.1"), 403, "forbidden"},
      {"an address that is allowed", from("10.1.2.3"), 200, ""},
  };
  for (const Row& row : rows) {
    WorkerFixture fixture;
    CAPTURE(row.claim);
    const Response response = fixture.hooks(row.sent);
    CHECK(response.status == row.status);
    CHECK(member(response, "reason") == row.reason);
    CHECK(response.content_type ==
          (row.status == 200 ? "application/json" : "application/problem+json"));
  }
}

TEST_CASE("a sender reads what became of its delivery", "[hooks]") {
  WorkerFixture fixture;
  const Response first = fixture.hooks(pull_request());
  const std::string event = member(first, "event");
  CHECK(first.body == R"({"status":"accepted","event":")" + event +
                          R"(","work":"github:acme/api#42","messages":1,"rules":["review"]})");
  const Response again = fixture.hooks(pull_request());
  CHECK(again.body == R"({"status":"duplicate","event":")" + event + R"(","outcome":"accepted"})");
  CHECK(fixture.source().received.value() == 2);
  CHECK(fixture.source().received_bytes.value() == 2 * pull_request_body().size());
}

TEST_CASE("a method that is not allowed is told which one is", "[hooks]") {
  WorkerFixture fixture;
  CHECK(header_of(fixture.hooks(at("/hooks/github", "PUT")), "Allow") == "POST, OPTIONS");
  CHECK(fixture.hooks_refused(Reason::method_not_allowed) == 1);
}

TEST_CASE("OPTIONS says what a source, and the listener, takes", "[hooks]") {
  WorkerFixture fixture;
  for (const char* target : {"/hooks/github", "*"}) {
    const Response response = fixture.hooks(at(target, "OPTIONS"));
    CHECK(response.status == 204);
    CHECK(header_of(response, "Allow") == "POST, OPTIONS");
  }
  CHECK(fixture.hooks(at("/hooks/none", "OPTIONS")).status == 404);
  CHECK(fixture.hooks(at("/hooks", "OPTIONS")).status == 404);
}

TEST_CASE("what the body does not decide is answered by the head, and counts once", "[hooks]") {
  WorkerFixture fixture;
  const auto by_head = [&](Sent sent) {
    sent.body.clear();
    test::HeldRequest head{std::move(sent), fixture.clock.now()};
    const auto answer = fixture.worker->hooks_handler->answer_head(head.view());
    return answer ? answer->status : 0;
  };
  CHECK(by_head(pull_request()) == 0);
  CHECK(by_head(unsigned_one()) == 0);  // a signature is of the body
  CHECK(by_head(at("/hooks")) == 404);
  CHECK(by_head(at("/hooks/none")) == 404);
  CHECK(by_head(at("/hooks/github", "GET")) == 405);
  CHECK(by_head(from("198.51.100.9")) == 403);
  CHECK(fixture.hooks_refused(Reason::unknown_source) == 1);
  CHECK(fixture.source("office").received.value() == 1);
  CHECK(fixture.source().received.value() == 0);
}

TEST_CASE("a store that cannot confirm asks the sender to come back", "[hooks]") {
  WorkerFixture fixture;
  fixture.weather.failure = Error{Reason::store_unavailable, "no answer"};
  const Response response = fixture.hooks(pull_request());
  CHECK(response.status == 503);
  CHECK(header_of(response, "Retry-After") == "5");
}

TEST_CASE("refusals are counted for their source, and for the listener where there is none",
          "[hooks]") {
  WorkerFixture fixture;
  fixture.hooks(unsigned_one());
  fixture.hooks(at("/hooks/none"));
  fixture.hooks(at("/hooks"));
  const auto of_source = [&](Reason reason) {
    return fixture.source().refused[static_cast<std::size_t>(reason)].value();
  };
  CHECK(of_source(Reason::signature_missing) == 1);
  CHECK(of_source(Reason::unknown_source) == 0);
  CHECK(fixture.hooks_refused(Reason::signature_missing) == 0);
  CHECK(fixture.hooks_refused(Reason::unknown_source) == 1);
  CHECK(fixture.hooks_refused(Reason::not_found) == 1);
  fixture.worker->hooks_handler->refused(Error{Reason::request_timeout, {}}, "/hooks/github", "p");
  CHECK(fixture.hooks_refused(Reason::request_timeout) == 1);
}

TEST_CASE("a taken delivery is one line of the log, without its body, signature or secret",
          "[hooks]") {
  WorkerFixture fixture;
  const CapturedLog log;
  const Sent sent = pull_request("delivery-with-an-id");
  fixture.hooks(sent);
  CHECK(log.has("msg=delivery source=github delivery=delivery-with-an-id"));
  CHECK(log.has("status=accepted"));
  CHECK_FALSE(log.has("Faster"));
  CHECK_FALSE(log.has("sha256="));
  CHECK_FALSE(log.has(std::string{test::fixture_secret}));
}

TEST_CASE("nothing that a forger wrote is in the log, but a digest that tells deliveries apart",
          "[hooks]") {
  WorkerFixture fixture;
  const CapturedLog log;
  const Sent sent = forged();
  fixture.hooks(sent);
  CHECK(log.has("status=refused reason=signature_invalid"));
  CHECK(log.has("delivery_digest=" + to_hex(sha256("delivery-of-a-forger")).substr(0, 12) + " "));
  CHECK_FALSE(log.has("delivery-of-a-forger"));
  CHECK_FALSE(log.has("forged"));
  CHECK_FALSE(log.has("sha256="));
  fixture.hooks(at("/hooks/name-of-a-forger"));
  CHECK_FALSE(log.has("name-of-a-forger"));
}

TEST_CASE("a delivery is called what its source's connector calls it, whatever came along",
          "[hooks]") {
  WorkerFixture fixture{"hooks: {keep_refused: 2}\n"};
  const CapturedLog log;
  const auto among_others = [](Sent sent) {
    sent.headers.emplace(sent.headers.begin(), "Linear-Delivery", "id-of-another");
    return sent;
  };
  fixture.hooks(among_others(unsigned_one("id-of-github")));
  REQUIRE(fixture.refused.find("", 2).size() == 1);
  CHECK(fixture.refused.find("", 2)[0]->delivery == "id-of-github");
  CHECK(log.has("delivery_digest=" + to_hex(sha256("id-of-github")).substr(0, 12) + " "));
  fixture.hooks(among_others(pull_request("id-of-github")));
  CHECK(log.has("delivery=id-of-github"));
  CHECK_FALSE(log.has("id-of-another"));
}

TEST_CASE("refused deliveries are kept where operators want it, up to their number", "[hooks]") {
  WorkerFixture off;
  off.hooks(unsigned_one());
  CHECK(off.refused.find("", 10).empty());

  WorkerFixture fixture{"hooks: {keep_refused: 2}\n"};
  for (const char* id : {"one", "two", "three"}) fixture.hooks(unsigned_one(id));
  fixture.hooks(at("/hooks/none"));  // of no source
  fixture.hooks(at("/hooks"));
  const auto kept = fixture.refused.find("", 10);
  REQUIRE(kept.size() == 2);
  CHECK(kept[0]->delivery == "three");
  CHECK(kept[1]->delivery == "two");
  CHECK(kept[0]->source == "github");
  CHECK(kept[0]->peer == "192.0.2.1");
  CHECK(kept[0]->error.reason == Reason::signature_missing);
  CHECK(kept[0]->body == pull_request_body());
  CHECK(kept[0]->received == fixture.clock.time);
}

TEST_CASE("of a refused delivery a body is kept up to its bound", "[hooks]") {
  WorkerFixture fixture{"hooks: {keep_refused: 2}\n"};
  Sent sent = unsigned_one("at the bound");
  sent.body.assign(256 * 1024, 'x');
  fixture.hooks(sent);
  sent.body += 'x';
  fixture.hooks(sent);
  const auto kept = fixture.refused.find("", 2);
  REQUIRE(kept.size() == 2);
  CHECK_FALSE(kept[0]->is_whole());
  CHECK(kept[0]->body.empty());
  CHECK(kept[0]->body_bytes == 256 * 1024 + 1);
  CHECK(kept[1]->is_whole());
}

TEST_CASE("at debug level the log says why rules did and did not match", "[hooks]") {
  WorkerFixture fixture;
  const CapturedLog log;
  fixture.hooks(pull_request());
  CHECK(log.has("msg=\"rule matched\""));
  CHECK(log.has("rule=review"));
  const CapturedLog quiet{spdlog::level::info};
  fixture.hooks(pull_request("another"));
  CHECK_FALSE(quiet.has("rule matched"));
}

}  // namespace signalbox
