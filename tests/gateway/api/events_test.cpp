// Events over the API: who sees which, their replays, dry runs of rules, and refused deliveries.
#include <fmt/format.h>
#include <catch2/catch.hpp>

#include "tests/gateway/worker_fixture.hpp"

namespace signalbox {
namespace {

using namespace std::chrono_literals;
using test::call;
using test::member;
using test::pull_request;
using test::WorkerFixture;

Response get(WorkerFixture& fixture, std::string target, std::string_view who = "ops") {
  return fixture.api(call("GET", std::move(target), who));
}

Response post(WorkerFixture& fixture, std::string target, std::string body,
              std::string_view who = "ops") {
  return fixture.api(call("POST", std::move(target), who, std::move(body)));
}

std::string taken(WorkerFixture& fixture, test::Sent sent = pull_request()) {
  const auto ack = fixture.ingest_only(std::move(sent));
  return ack ? ack->event : std::string{};
}

test::Sent unheard_of(int number) {
  return test::delivery(
      "github.invented", "number-" + std::to_string(number),
      fmt::format(R"({{"n":{},"repository":{{"id":7001,"full_name":"acme/api"}}}})", number));
}

std::size_t count(const Response& response, std::string_view part) {
  std::size_t found = 0;
  for (auto at = response.body.find(part); at != std::string::npos;
       at = response.body.find(part, at + 1))
    ++found;
  return found;
}

}  // namespace

TEST_CASE("a work is found under all of its names, and under those that it had", "[events]") {
  WorkerFixture fixture;
  const std::string first = taken(fixture);
  std::string renamed = test::pull_request_body();
  for (auto at = renamed.find("acme/api"); at != std::string::npos; at = renamed.find("acme/api"))
    renamed.replace(at, 8, "acme/new");
  const std::string later =
      taken(fixture, test::delivery("github.pull_request.edited", "delivery-2", renamed));
  REQUIRE_FALSE(first.empty());
  REQUIRE_FALSE(later.empty());
  for (const std::string name : {"github%3Aacme%2Fapi%2342", "github%3Aacme%2Fnew%2342"}) {
    INFO(name);
    CHECK(count(get(fixture, "/v1/events?work=" + name), "\"outcome\":") == 2);
  }
  CHECK(count(get(fixture, "/v1/events?work=github%3Aacme%2Fnone%2342"), "\"outcome\":") == 0);
}

TEST_CASE("events are listed newest first, and narrowed down by what is asked for", "[events]") {
  WorkerFixture fixture;
  const std::string accepted = taken(fixture);
  fixture.clock.time += 1min;
  const std::string later = taken(fixture, unheard_of(1));
  const Response all = get(fixture, "/v1/events");
  CHECK(count(all, "\"outcome\":") == 2);
  CHECK(all.body.find(later) < all.body.find(accepted));
  struct Row {
    std::string query;
    std::size_t events;
  };
  for (const Row& row :
       {Row{"status=accepted", 1}, Row{"status=no_match", 1}, Row{"type=github.pull_request", 1},
        Row{"type=github", 2}, Row{"rule=review", 1}, Row{"source=forge", 0},
        Row{"delivery=delivery-1", 1}, Row{"delivery=number-1", 1}, Row{"delivery=none", 0},
        Row{"delivery=delivery-1&source=forge", 0}, Row{"delivery=delivery-1&status=no_match", 0},
        Row{"delivery=delivery-1&status=accepted", 1}, Row{"namespace=blue", 0},
        Row{"since=2026-11-22T10:01:00Z", 1}, Row{"since=2026-11-22T10:01:01Z", 0},
        Row{"until=2026-11-22T10:01:00Z", 1}, Row{"until=2026-11-22T10:00:00Z", 0},
        Row{"work=github:acme/api%2342", 1}}) {
    CAPTURE(row.query);
    CHECK(count(get(fixture, "/v1/events?" + row.query), "\"outcome\":") == row.events);
  }
}

TEST_CASE("a source or rule that is not configured is told with those that are", "[events]") {
  WorkerFixture fixture;
  taken(fixture);
  CHECK(count(get(fixture, "/v1/events?source=github&rule=review"), "\"notes\"") == 0);
  const Response source = get(fixture, "/v1/events?source=githb");
  CHECK(source.status == 200);
  CHECK(count(source, "no source 'githb' is configured; did you mean 'github'? (known: ") == 1);
  const Response rule = get(fixture, "/v1/events?rule=nope");
  INFO(rule.body);
  CHECK(count(rule, "no rule 'nope' is loaded") == 1);
  CHECK(count(rule, "review") == 1);
}

TEST_CASE("a list of events has pages of bounded size", "[events]") {
  WorkerFixture fixture;
  for (int i = 0; i < 3; ++i) taken(fixture, unheard_of(i));
  const Response first = get(fixture, "/v1/events?max=2");
  CHECK(count(first, "\"outcome\":") == 2);
  const Response rest = get(fixture, "/v1/events?max=2&cursor=" + member(first, "next"));
  CHECK(count(rest, "\"outcome\":") == 1);
  CHECK(member(rest, "next").empty());
  CHECK(get(fixture, "/v1/events?max=100").status == 200);
  for (const char* wrong : {"max=0", "max=101", "max=x", "status=none", "type=..", "since=today"}) {
    CAPTURE(wrong);
    CHECK(get(fixture, std::string{"/v1/events?"} + wrong).status == 400);
  }
}

TEST_CASE("an event is shown to operators, and to agents who were sent a message by it",
          "[events]") {
  WorkerFixture fixture;
  const std::string event = taken(fixture);
  const Response shown = get(fixture, "/v1/events/" + event);
  CHECK(member(shown, "outcome") == "accepted");
  CHECK(shown.body.find("\"body\":" + pull_request().body) != std::string::npos);
  CHECK(get(fixture, "/v1/events/" + event, "reviewer").status == 200);
  CHECK(get(fixture, "/v1/events/" + event, "coder").status == 404);
  CHECK(get(fixture, "/v1/events/" + event, "painter").status == 404);
  CHECK(get(fixture, "/v1/events/e_none").status == 404);
  CHECK(get(fixture, "/v1/events/" + event.substr(2)).status == 404);
}

TEST_CASE("an event is explained by the rules of now", "[events]") {
  WorkerFixture fixture;
  const std::string event = taken(fixture);
  const Response all = get(fixture, "/v1/events/" + event + "/explain");
  CHECK(all.body.find(R"("rule":"review")") != std::string::npos);
  CHECK(all.body.find(R"("rule":"triage")") != std::string::npos);
  const Response one = get(fixture, "/v1/events/" + event + "/explain?rule=review");
  CHECK(one.body.find(R"("rule":"triage")") == std::string::npos);
  CHECK(get(fixture, "/v1/events/" + event + "/explain?rule=none").status == 404);
}

TEST_CASE("a replay sends again what the rules of now decide, once under a key", "[replay]") {
  WorkerFixture fixture;
  const std::string event = taken(fixture);
  const std::string target = "/v1/events/" + event + "/replay";
  CHECK(post(fixture, target, R"({"dry_run":true})").status == 200);
  CHECK(fixture.counts("reviewer").ready + fixture.counts("reviewer").waiting == 1);

  const auto replay = [&](std::string body) {
    test::Sent sent = call("POST", target, "ops", std::move(body));
    test::set_header(sent.headers, "Idempotency-Key", "key");
    return fixture.api(std::move(sent));
  };
  const Response first = replay("");
  CHECK(first.status == 201);
  CHECK(member(first, "generation") == "1");
  const Response again = replay("");
  CHECK(again.status == 200);
  CHECK(again.body == first.body);
  CHECK(replay(R"({"rules":["review"]})").status == 422);
  CHECK(fixture.counts("reviewer").ready + fixture.counts("reviewer").waiting == 2);
  CHECK(fixture.sent(MessageKind::assign) == 2);
  CHECK(get(fixture, "/v1/events/" + event).body.find("\"replays\":[{\"generation\":1") !=
        std::string::npos);
}

TEST_CASE("a replay that cannot be made says why", "[replay]") {
  WorkerFixture fixture;
  const std::string event = taken(fixture);
  const std::string silent = taken(fixture, unheard_of(1));
  CHECK(post(fixture, "/v1/events/e_none/replay", "").status == 404);
  CHECK(post(fixture, "/v1/events/" + event + "/replay", R"({"rules":["none"]})").status == 404);
  CHECK(post(fixture, "/v1/events/" + event + "/replay", R"({"dry_run":1})").status == 400);
  CHECK(post(fixture, "/v1/events/" + event + "/replay", "", "reviewer").status == 403);
  const Response nothing = post(fixture, "/v1/events/" + silent + "/replay", "");
  CHECK(nothing.status == 200);
  CHECK(member(nothing, "status") == "no_match");
}

TEST_CASE("rules are listed with what they did", "[rules]") {
  WorkerFixture fixture;
  taken(fixture);
  const Response response = get(fixture, "/v1/rules");
  CHECK(response.body.find(R"("name":"review")") != std::string::npos);
  CHECK(count(response, R"("matched":1)") == 1);
  CHECK(count(response, R"("last_match":"2026-11-22T10:00:00Z")") == 1);
}

TEST_CASE("rules are checked without being loaded, up to 256 KiB of them", "[rules]") {
  WorkerFixture fixture;
  const Response good = post(fixture, "/v1/rules/check",
                             "rules:\n  - name: one\n    events: [github]\n"
                             "    send: [{to: reviewer, kind: note}]\n");
  CHECK(member(good, "good") == "true");
  CHECK(member(good, "rules") == "1");
  const Response bad = post(fixture, "/v1/rules/check", "rules: [{nmae: one}]\n");
  CHECK(member(bad, "good") == "false");
  CHECK(bad.body.find("nmae") != std::string::npos);
  const std::string largest = "rules: []\n#" + std::string(256 * 1024 - 11, 'x');
  CHECK(post(fixture, "/v1/rules/check", largest).status == 200);
  CHECK(post(fixture, "/v1/rules/check", largest + "x").status == 413);
}

TEST_CASE("an event is simulated from what is given or from the archive, and nothing is sent",
          "[rules]") {
  WorkerFixture fixture;
  const std::string given =
      fmt::format(R"({{"type":"github.pull_request","body":{}}})", pull_request().body);
  const Response response = post(fixture, "/v1/rules/simulate", given);
  CHECK(response.status == 200);
  CHECK(member(response, "status") == "accepted");
  CHECK(member(response, "rules") == R"(["review"])");
  CHECK(fixture.counts("reviewer").ready == 0);
  const std::string event = taken(fixture);
  const Response archived =
      post(fixture, "/v1/rules/simulate", fmt::format(R"({{"event":"{}"}})", event));
  CHECK(member(archived, "status") == "accepted");
  for (const char* wrong :
       {"{}", R"({"event":"e_1","type":"github.ping"})", R"({"type":"github.ping"})",
        R"({"type":"no-such-provider.ping","body":{}})"}) {
    CAPTURE(wrong);
    CHECK(post(fixture, "/v1/rules/simulate", wrong).status == 400);
  }
}

TEST_CASE("refused deliveries are listed, and diagnosed when one is asked for", "[refused]") {
  WorkerFixture fixture{"hooks: {keep_refused: 5}\n"};
  for (int i = 0; i < 5; ++i) {
    test::Sent sent = pull_request("delivery-of-a-forger");
    sent.body += " ";
    fixture.hooks(std::move(sent));
  }
  const Response list = get(fixture, "/v1/refused");
  CHECK(member(list, "keep") == "5");
  CHECK(count(list, "\"delivery\":\"delivery-of-a-forger\"") == 5);
  CHECK(list.body.find("diagnosis") == std::string::npos);
  CHECK(count(get(fixture, "/v1/refused?max=2"), "\"delivery\":") == 2);
  // Each diagnosis takes its time.
  const Response one = get(fixture, "/v1/refused?delivery=delivery-of-a-forger");
  CHECK(count(one, R"("cause":"body_changed")") == 3);
  CHECK(get(fixture, "/v1/refused?max=100").status == 200);
  CHECK(get(fixture, "/v1/refused?max=101").status == 400);
  CHECK(get(fixture, "/v1/refused?max=0").status == 400);
  CHECK(get(fixture, "/v1/refused", "reviewer").status == 403);
  test::Sent sent = pull_request("no \xff UTF-8");
  sent.body += " ";
  fixture.hooks(std::move(sent));
  CHECK(count(get(fixture, "/v1/refused?max=1"), "\"delivery\":\"no \uFFFD UTF-8\"") == 1);
}

TEST_CASE("dead letters are shown and moved back", "[dead]") {
  WorkerFixture fixture{"mailboxes: {max_deliveries: 1, visibility: 1s}\n"};
  taken(fixture);
  const auto receive = [&] {
    const Response response = post(fixture, "/v1/inbox/receive", "", "reviewer");
    fixture.clock.time += 2s;
    return count(response, "\"receipt\":");
  };
  CHECK(receive() == 1);
  CHECK(receive() == 0);
  const Response dead = get(fixture, "/v1/inbox/dead", "reviewer");
  CHECK(member(dead, "dead") == "1");
  CHECK(dead.body.find("Review Faster") != std::string::npos);
  CHECK(post(fixture, "/v1/inbox/redrive", R"({"max":0})", "reviewer").status == 400);
  CHECK(post(fixture, "/v1/inbox/redrive", R"({"max":1001})", "reviewer").status == 400);
  const Response unknown =
      post(fixture, "/v1/inbox/redrive", R"({"messages":["m_none"]})", "reviewer");
  CHECK(member(unknown, "missing") == R"(["m_none"])");
  const Response moved = post(fixture, "/v1/inbox/redrive?agent=dead:reviewer", "");
  CHECK(count(moved, "\"m_") == 1);
  CHECK(member(moved, "remaining") == "0");
  CHECK(receive() == 1);
}

TEST_CASE("monitoring needs no token", "[monitoring]") {
  WorkerFixture fixture;
  CHECK(get(fixture, "/livez", "").body == "ok\n");
  CHECK(get(fixture, "/readyz", "").body == "ok\n");
  CHECK(get(fixture, "/readyz?verbose", "").body == "[+] redis: fine\nok\n");
  CHECK(get(fixture, "/metrics", "").body == "signalbox_up 1\n");
  fixture.health.checks = [] {
    return std::vector<HealthCheck>{{"redis", false, "away"}, {"spool", true, "empty"}};
  };
  const Response not_ready = get(fixture, "/readyz", "");
  CHECK(not_ready.status == 503);
  CHECK(not_ready.body == "[-] redis: away\nnot ready\n");
}

}  // namespace signalbox
