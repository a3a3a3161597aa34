// The life of a webhook without a socket: each outcome, each reason why there is none, and what is
// durable by then.
#include "gateway/hooks/ingest.hpp"

#include <fmt/format.h>
#include <catch2/catch.hpp>

#include "store/archive.hpp"
#include "store/spool/spooled_commit.hpp"
#include "tests/gateway/worker_fixture.hpp"

namespace signalbox {
namespace {

using namespace std::chrono_literals;
using test::delivery;
using test::drop_header;
using test::pull_request;
using test::pull_request_body;
using test::Sent;
using test::set_header;
using test::WorkerFixture;

constexpr std::string_view signature_header = "X-Hub-Signature-256";
constexpr Milliseconds github_answer_deadline = 8s;

// Of no rule.
Sent unheard_of(std::string id = "delivery-1", std::string_view filling = {}) {
  return delivery("github.invented", std::move(id),
                  fmt::format(R"({{"action":"done","filling":"{}","repository":)"
                              R"({{"id":7001,"full_name":"acme/api"}}}})",
                              filling));
}

Sent issue() {
  return delivery("github.issues", "delivery-1",
                  R"({"action":"opened","issue":{"number":1,"id":1,"title":"t"},)"
                  R"("repository":{"id":7001,"full_name":"acme/api"}})");
}

Sent label() {
  return delivery("github.label", "delivery-1",
                  R"({"action":"created","label":{"id":1,"name":"n"},)"
                  R"("repository":{"id":7001,"full_name":"acme/api"}})");
}

Sent of_repository(std::string_view name) {
  std::string body = pull_request_body();
  body.replace(body.find("acme/api"), 8, name);
  return delivery("github.pull_request", "delivery-1", body);
}

// What was compressed; empty where it is damaged.
std::string text_of(std::string_view compressed) {
  const auto text = decompress_body(compressed, 1'000'000);
  return text ? *text : std::string{};
}

std::optional<std::string> kept_body(WorkerFixture& fixture, const std::string& event) {
  const auto stored = fixture.run(fixture.store().event(event, Deadline{}));
  if (!stored || !*stored || !(*stored)->body) return std::nullopt;
  return text_of(*(*stored)->body);
}

TEST_CASE("what rules match is accepted, with its message in the mailbox", "[ingest]") {
  WorkerFixture fixture;
  const auto ack = fixture.ingest_only(pull_request());
  REQUIRE(ack.has_value());
  CHECK(ack->status == "accepted");
  CHECK(ack->messages == 1);
  CHECK(ack->rules == std::vector<std::string>{"review"});
  CHECK(ack->work == "github:acme/api#42");
  CHECK(ack->type == "github.pull_request.opened");
  CHECK(ack->outcome.empty());
  const auto messages = fixture.messages("reviewer");
  REQUIRE(messages.size() == 1);
  CHECK(messages[0].find("Review Faster") != std::string::npos);
  CHECK(kept_body(fixture, ack->event) == pull_request_body());
  CHECK(fixture.counted(DeliveryStatus::accepted) == 1);
  CHECK(fixture.source().verified.value() == 1);
  const RuleCounters& rule = *fixture.worker->runtime->find_rule("review");
  CHECK(rule.matched == 1);
  CHECK(rule.last_match_ms == fixture.clock.time.time_since_epoch().count());
  CHECK(fixture.sent(MessageKind::assign) == 1);
}

TEST_CASE("what no rule matches is kept all the same, its body behind the answer", "[ingest]") {
  WorkerFixture fixture;
  const auto ack = fixture.ingest_only(unheard_of());
  REQUIRE(ack.has_value());
  CHECK(ack->status == "no_match");
  CHECK(ack->messages == 0);
  CHECK(fixture.counted(DeliveryStatus::no_match) == 1);
  CHECK(kept_body(fixture, ack->event) == unheard_of().body);
  CHECK(fixture.bodies_archived() == 1);
}

TEST_CASE("a template that meets a missing value drops the event, and says of which rule",
          "[ingest]") {
  WorkerFixture fixture;
  const auto ack = fixture.ingest_only(issue());
  REQUIRE(ack.has_value());
  CHECK(ack->status == "dropped");
  REQUIRE(ack->failures.size() == 1);
  CHECK(ack->failures[0].rule == "triage");
  CHECK(ack->messages == 0);
  CHECK(fixture.counted(DeliveryStatus::dropped) == 1);
  CHECK(fixture.worker->runtime->find_rule("triage")->failed == 1);
  CHECK(fixture.counts("reviewer").ready == 0);
}

Sent milestone(std::string_view more, std::string id = "delivery-1") {
  return delivery(
      "github.milestone", std::move(id),
      fmt::format(
          R"({{"action":"opened","milestone":{{"id":1,"updated_at":"2026-01-05T10:00:00Z"{}}},)"
          R"("repository":{{"id":7001,"full_name":"acme/api"}}}})",
          more));
}

TEST_CASE(
    "where one of two rules fails, the other's message is sent, and the answer names the failure",
    "[ingest]") {
  WorkerFixture fixture;
  const auto ack = fixture.ingest_only(milestone(""));
  REQUIRE(ack.has_value());
  CHECK(ack->status == "partly_dropped");
  CHECK(ack->messages == 1);
  REQUIRE(ack->failures.size() == 1);
  CHECK(ack->failures[0].rule == "milestone-due");
  CHECK(fixture.counted(DeliveryStatus::partly_dropped) == 1);
  CHECK(fixture.counted(DeliveryStatus::accepted) == 0);
  CHECK(fixture.counts("reviewer").ready == 1);
  const auto stored = fixture.run(fixture.store().event(ack->event, Deadline{}));
  REQUIRE(stored.has_value());
  CHECK((*stored)->outcome == Outcome::partly_dropped);

  const Response answer = fixture.hooks(milestone("", "delivery-2"));
  CHECK(answer.status == 200);
  CHECK(test::member(answer, "outcome") == "partly_dropped");  // a duplicate by its body
}

TEST_CASE("what was partly dropped is decided anew when it comes again, and nothing is sent twice",
          "[ingest]") {
  WorkerFixture fixture;
  REQUIRE(fixture.ingest_only(milestone("")).has_value());
  const bool read_meanwhile = GENERATE(false, true);
  if (read_meanwhile) {
    const ReceiveRequest request{"reviewer", 1, 0, 1min, 0};
    const auto received = fixture.run(fixture.store().receive(request, Deadline{}));
    REQUIRE(received.has_value());
    std::vector<std::string> receipts{received->messages.at(0).receipt};
    REQUIRE(fixture.run(fixture.store().acknowledge("reviewer", receipts, Deadline{})).has_value());
  }
  const std::uint64_t left = read_meanwhile ? 0 : 1;
  const auto unmended = fixture.ingest_only(milestone(""));
  REQUIRE(unmended.has_value());
  CHECK(unmended->status == "partly_dropped");
  CHECK(unmended->messages == 0);
  CHECK(fixture.counts("reviewer").ready == left);

  // The template finds its value now, as it would with a rule that was mended.
  const auto mended = fixture.ingest_only(milestone(R"(,"due_on":"2026-02-01")"));
  REQUIRE(mended.has_value());
  CHECK(mended->status == "accepted");
  CHECK(mended->messages == 1);
  CHECK(mended->failures.empty());
  CHECK(fixture.counts("reviewer").ready == left);
  CHECK(fixture.counts("coder").ready == 1);
  CHECK(fixture.sent(MessageKind::note) == 1);
  CHECK(fixture.sent(MessageKind::assign) == 1);
  const auto stored = fixture.run(fixture.store().event(mended->event, Deadline{}));
  REQUIRE(stored.has_value());
  CHECK((*stored)->record.find("milestone-told") != std::string::npos);

  const auto again = fixture.ingest_only(milestone(R"(,"due_on":"2026-02-01")"));
  REQUIRE(again.has_value());
  CHECK(again->status == "duplicate");
  CHECK(fixture.counts("coder").ready == 1);
}

TEST_CASE("a partly dropped delivery that comes again while Redis is away goes to the spool whole",
          "[ingest]") {
  WorkerFixture fixture;
  fixture.compose(true);
  REQUIRE(fixture.ingest_only(milestone("")).has_value());
  fixture.weather.away = true;
  const auto ack = fixture.ingest_only(milestone(R"(,"due_on":"2026-02-01")"));
  REQUIRE(ack.has_value());
  CHECK(ack->status == "deferred");
  REQUIRE(fixture.spool.entries.size() == 1);
  const auto entry = spooled_commit_from(fixture.spool.entries.front());
  REQUIRE(entry.has_value());
  CHECK(entry->commit.appends.size() == 2);
}

TEST_CASE("a message to an agent of another namespace is not written, and the rule has failed",
          "[ingest]") {
  WorkerFixture fixture;
  const auto ack = fixture.ingest_only(label());
  REQUIRE(ack.has_value());
  CHECK(ack->status == "dropped");
  REQUIRE(ack->failures.size() == 1);
  CHECK(ack->failures[0].rule == "paint");
  CHECK(ack->failures[0].detail == "'painter' is in namespace 'blue', the source in 'main'");
  CHECK(fixture.counts("painter", "blue").ready == 0);
  CHECK(fixture.counts("painter").ready == 0);

  Sent from_blue = label();
  from_blue.target = "/hooks/forge";
  const auto taken = fixture.ingest_only(std::move(from_blue));
  REQUIRE(taken.has_value());
  CHECK(taken->status == "accepted");
  CHECK(fixture.counts("painter", "blue").ready == 1);
}

TEST_CASE("the same id or the same body again is a duplicate that names the first", "[ingest]") {
  WorkerFixture fixture;
  const auto first = fixture.ingest_only(pull_request("one"));
  const auto same_id = fixture.ingest_only(
      delivery("github.pull_request.opened", "one", pull_request_body("another body")));
  const auto same_body = fixture.ingest_only(pull_request("two"));
  for (const auto& again : {same_id, same_body}) {
    REQUIRE(again.has_value());
    CHECK(again->status == "duplicate");
    CHECK(again->event == first->event);
    CHECK(again->outcome == "accepted");
    CHECK(again->messages == 0);
  }
  CHECK(fixture.counts("reviewer").ready == 1);
  CHECK(fixture.counted(DeliveryStatus::duplicate) == 2);
  CHECK(fixture.sent(MessageKind::assign) == 1);
}

TEST_CASE("what came to nothing is decided anew when it comes again", "[ingest]") {
  WorkerFixture fixture;
  for (const char* expected : {"no_match", "no_match"}) {
    const auto ack = fixture.ingest_only(unheard_of());
    REQUIRE(ack.has_value());
    CHECK(ack->status == expected);
  }
}

TEST_CASE("a source whose ids tell nothing apart makes an event of each delivery", "[ingest]") {
  WorkerFixture fixture;
  Sent sent = unheard_of("always-the-same");
  sent.target = "/hooks/mirror";
  const auto first = fixture.ingest_only(sent);
  const auto second = fixture.ingest_only(sent);
  REQUIRE((first && second));
  CHECK(first->event != second->event);
}

struct RefusedCase {
  std::string_view claim;
  Reason reason;
  Sent sent;
};

std::vector<RefusedCase> refused_cases() {
  std::vector<RefusedCase> all;
  const auto add = [&all](std::string_view claim, Reason reason, Sent sent) {
    all.push_back({claim, reason, std::move(sent)});
    return &all.back().sent;
  };
  add("a source that is not configured", Reason::unknown_source, pull_request())->target =
      "/hooks/gitlab-of-nobody";
  drop_header(add("no signature", Reason::signature_missing, pull_request())->headers,
              signature_header);
  set_header(
      add("a signature of another kind", Reason::signature_malformed, pull_request())->headers,
      signature_header, "sha1=abc");
  add("another body than the signed one", Reason::signature_invalid, pull_request())->body += " ";
  Sent forged = pull_request();
  forged.body = "{";
  add("a forged body is not read", Reason::signature_invalid, std::move(forged));
  add("a repository out of scope", Reason::out_of_scope, of_repository("evil/api"));
  add("no repository, where the secret has a scope", Reason::out_of_scope,
      delivery("github.invented", "delivery-1", R"({"zen":"z"})"));
  add("a signed body that is no JSON", Reason::malformed_body,
      delivery("github.pull_request", "delivery-1", "{"));
  set_header(add("another media type", Reason::unsupported_media_type, pull_request())->headers,
             "Content-Type", "text/plain");
  drop_header(add("no name of the event", Reason::malformed_request, pull_request())->headers,
              "X-GitHub-Event");
  return all;
}

TEST_CASE("what is refused has its reason, and leaves nothing behind", "[ingest]") {
  for (const RefusedCase& one : refused_cases()) {
    WorkerFixture fixture;
    CAPTURE(one.claim);
    const auto ack = fixture.ingest_only(one.sent);
    REQUIRE_FALSE(ack.has_value());
    CHECK(ack.error().reason == one.reason);
    CHECK(fixture.weather.deadlines.empty());  // the store was not asked
    CHECK(fixture.counts("reviewer").ready == 0);
  }
}

TEST_CASE("a full mailbox refuses the whole event, and is named", "[ingest]") {
  WorkerFixture fixture{"mailboxes: {max_messages: 1}\n"};
  REQUIRE(fixture.ingest_only(pull_request("one")).has_value());
  const auto ack =
      fixture.ingest_only(delivery("github.pull_request", "two", pull_request_body("another")));
  REQUIRE_FALSE(ack.has_value());
  CHECK(ack.error().reason == Reason::mailbox_full);
  CHECK(ack.error().detail == "mailbox 'reviewer' is full");
  CHECK(fixture.counts("reviewer").ready + fixture.counts("reviewer").waiting == 1);
}

TEST_CASE("without a spool the store has until the source's answer deadline", "[ingest]") {
  WorkerFixture fixture;
  fixture.weather.failure = Error{Reason::store_unavailable, "no answer"};
  const Deadline started = std::chrono::steady_clock::now();
  const auto ack = fixture.ingest_only(pull_request(), started);
  REQUIRE_FALSE(ack.has_value());
  CHECK(ack.error().reason == Reason::store_unavailable);
  REQUIRE(fixture.weather.deadlines.size() == 1);
  CHECK(fixture.weather.deadlines[0] == started + github_answer_deadline);
  CHECK(fixture.counted(DeliveryStatus::accepted) == 0);
}

TEST_CASE("an event whose reply was lost is a duplicate of itself", "[ingest]") {
  WorkerFixture fixture;
  fixture.weather.failure = Error{Reason::store_unavailable, "no answer"};
  fixture.weather.carries_out = true;
  REQUIRE_FALSE(fixture.ingest_only(pull_request()).has_value());
  fixture.weather.failure.reset();
  const auto ack = fixture.ingest_only(pull_request());
  REQUIRE(ack.has_value());
  CHECK(ack->status == "duplicate");
  CHECK(fixture.counts("reviewer").ready == 1);
}

TEST_CASE("with a spool an event is deferred in time for the sender", "[ingest]") {
  for (const Reason reason : {Reason::store_unavailable, Reason::store_refused}) {
    WorkerFixture fixture;
    fixture.compose(true);
    fixture.weather.failure = Error{reason, "not now"};
    const Deadline started = std::chrono::steady_clock::now();
    const auto ack = fixture.ingest_only(pull_request(), started);
    REQUIRE(ack.has_value());
    CHECK(ack->status == "deferred");
    REQUIRE(fixture.weather.deadlines.size() == 1);
    CHECK(fixture.weather.deadlines[0] == started + github_answer_deadline - 500ms);
    REQUIRE(fixture.spool.entries.size() == 1);
    const auto spooled = spooled_commit_from(fixture.spool.entries[0]);
    REQUIRE(spooled.has_value());
    CHECK(spooled->space == "main");
    CHECK(spooled->commit.record.event == ack->event);
    CHECK(spooled->commit.appends.size() == 1);
    CHECK(text_of(spooled->commit.record.body) == pull_request_body());
    CHECK(fixture.counted(DeliveryStatus::deferred) == 1);
  }
}

TEST_CASE("a store that is known to be away is not waited for", "[ingest]") {
  WorkerFixture fixture;
  fixture.compose(true);
  fixture.weather.away = true;
  const auto ack = fixture.ingest_only(unheard_of());
  REQUIRE(ack.has_value());
  CHECK(ack->status == "deferred");
  CHECK(fixture.weather.deadlines.empty());
  // Nothing would bring the body later.
  const auto spooled = spooled_commit_from(fixture.spool.entries.at(0));
  REQUIRE(spooled.has_value());
  CHECK_FALSE(spooled->commit.record.body.empty());
}

TEST_CASE("what is not the store's absence is not deferred, nor what the spool has no room for",
          "[ingest]") {
  WorkerFixture fixture;
  fixture.compose(true);
  fixture.weather.failure = Error{Reason::overloaded, "too many calls"};
  const auto overloaded = fixture.ingest_only(pull_request());
  REQUIRE_FALSE(overloaded.has_value());
  CHECK(overloaded.error().reason == Reason::overloaded);
  CHECK(fixture.spool.entries.empty());

  fixture.weather.failure = Error{Reason::store_unavailable, "no answer"};
  fixture.spool.full = true;
  const auto full = fixture.ingest_only(pull_request());
  REQUIRE_FALSE(full.has_value());
  CHECK(full.error().reason == Reason::store_unavailable);
}

TEST_CASE("a long body is compressed beside the thread, and kept whole wherever it goes",
          "[ingest]") {
  const std::string filling(ordinary_body_bytes_max + 1, 'x');
  WorkerFixture fixture;
  const auto cited = fixture.ingest_only(
      delivery("github.pull_request.opened", "one", pull_request_body(filling)));
  const auto uncited = fixture.ingest_only(unheard_of("two", filling));
  REQUIRE((cited && uncited));
  CHECK(kept_body(fixture, cited->event) == pull_request_body(filling));
  CHECK(kept_body(fixture, uncited->event) == unheard_of("two", filling).body);

  fixture.compose(true);
  fixture.weather.away = true;
  REQUIRE(fixture.ingest_only(unheard_of("three", filling + "x")).has_value());
  const auto spooled = spooled_commit_from(fixture.spool.entries.at(0));
  REQUIRE(spooled.has_value());
  CHECK(text_of(spooled->commit.record.body) == unheard_of("three", filling + "x").body);
}

}  // namespace
}  // namespace signalbox
