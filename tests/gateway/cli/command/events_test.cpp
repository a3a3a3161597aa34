// events, event, replay, rules: what is asked of the server, and what people see.
#include <catch2/catch.hpp>

#include "tests/gateway/cli/run.hpp"

namespace signalbox {
namespace {

std::string event(const std::string& id) {
  return R"({"id":")" + id +
         R"(","type":"github.push","outcome":"dropped","subject":"github:acme/api","received":"2026-11-22T10:00:00Z","messages":[]})";
}

std::string target_of(const std::string& request) {
  return request.substr(0, request.find(" HTTP/1.1"));
}

TEST_CASE("the conditions of a search become parameters, and times are absolute", "[cli][events]") {
  FakeServer server{[](const std::string&) { return FakeServer::answer(200, R"({"events":[]})"); }};
  const Ran ran =
      run_against(server, {"events", "--source", "github", "--type", "github.pull_*", "--status",
                           "dropped", "--rule", "a b", "--work", "github:acme/api#42", "--since",
                           "1h", "--until", "2026-11-22T11:00:00+01:00"});
  CHECK(ran.status == 0);
  CHECK(ran.out == "no such events\n");
  CHECK(target_of(server.last_request()) ==
        "GET /v1/events?max=20&source=github&type=github.pull_%2A&status=dropped&rule=a%20b"
        "&work=github%3Aacme%2Fapi%2342&since=2026-11-22T09%3A01%3A00Z"
        "&until=2026-11-22T10%3A00%3A00Z");
}

TEST_CASE("a search that cannot mean anything is not sent", "[cli][events]") {
  FakeServer server{[](const std::string&) { return FakeServer::answer(200, "{}"); }};
  const Ran status = run_against(server, {"events", "--status", "acepted"});
  CHECK(status.status == 2);
  CHECK(status.err.find("did you mean 'accepted'?") != std::string::npos);
  const Ran since = run_against(server, {"events", "--since", "yesterday"});
  CHECK(since.status == 2);
  CHECK(since.err.find("--since must be how long ago") != std::string::npos);
  CHECK(server.requests().empty());
}

// Three pages; the second is empty and yet not the last.
std::string page_of(const std::string& request) {
  if (request.find("cursor=two") != std::string::npos) {
    return R"({"events":[],"next":"three"})";
  }
  if (request.find("cursor=three") != std::string::npos) {
    return R"({"events":[)" + event("e_1") + "]}";
  }
  return R"({"events":[)" + event("e_3") + "," + event("e_2") + R"(],"next":"two"})";
}

TEST_CASE("pages are read on until there are as many events as were wanted", "[cli][events]") {
  FakeServer server{
      [](const std::string& request) { return FakeServer::answer(200, page_of(request)); }};
  const Ran all = run_against(server, {"events", "--all", "--json"});
  CHECK(all.status == 0);
  CHECK(all.out ==
        R"({"events":[)" + event("e_3") + "," + event("e_2") + "," + event("e_1") + "]}\n");
  CHECK(server.requests().size() == 3);
  CHECK(target_of(server.requests()[0]) == "GET /v1/events?max=100");

  const Ran two = run_against(server, {"events", "--max", "2", "--status", "dropped", "--json"});
  CHECK(two.out ==
        R"({"events":[)" + event("e_3") + "," + event("e_2") + R"(],"next":"two"})" + "\n");
  CHECK(server.requests().size() == 4);
}

TEST_CASE("the command for the next page repeats the conditions", "[cli][events]") {
  FakeServer server{
      [](const std::string& request) { return FakeServer::answer(200, page_of(request)); }};
  const Ran ran = run_against(server, {"events", "--max", "2", "--rule", "it's", "--since", "1h"});
  CHECK(
      ran.out.ends_with("next: signalbox explain e_3\n"
                        "      signalbox events --rule 'it'\\''s' --since 1h --max 2 --cursor "
                        "two\n"));
}

const std::string one_event =
    R"({"outcome":"accepted","id":"e_1","source":"github","type":"github.pull_request.opened",)"
    R"("subject":"github:acme/api#42","received":"2026-11-22T10:00:00Z","delivery":"d-1",)"
    R"("rules":["review"],"messages":[{"id":"m_1","mailbox":"reviewer","rule":"review","kind":"assign"}],)"
    R"("replays":[{"generation":1,"at":"2026-11-22T10:00:30Z","by":"operator:ops","messages":)"
    R"([{"id":"m_2","mailbox":"coder","rule":"fix","kind":"note"}]}],)"
    R"("body":{"action":"opened","title":"a\u001b[2Jb"}})";

TEST_CASE("event shows what became of it, and of its replays", "[cli][events]") {
  FakeServer server{[](const std::string&) { return FakeServer::answer(200, one_event); }};
  const Ran ran = run_against(server, {"event", "e_1"});
  CHECK(ran.status == 0);
  CHECK(ran.out ==
        "e_1  accepted\n"
        "  type      github.pull_request.opened\n"
        "  subject   github:acme/api#42\n"
        "  source    github\n"
        "  received  2026-11-22T10:00:00Z, 1m ago\n"
        "  delivery  d-1\n"
        "  rules     review\n"
        "  message   m_1  assign to reviewer by review\n"
        "\n"
        "  replay 1  30s ago, by operator:ops\n"
        "  message   m_2  note to coder by fix\n"
        "\n"
        "next: signalbox explain e_1\n"
        "      signalbox event e_1 --body\n");
  CHECK(target_of(server.last_request()) == "GET /v1/events/e_1");
  const Ran body = run_against(server, {"event", "e_1", "--body"});
  CHECK(body.out == R"({"action":"opened","title":"a\u001b[2Jb"})"
                    "\n");
}

TEST_CASE("an event without its body says so", "[cli][events]") {
  FakeServer server{[](const std::string&) { return FakeServer::answer(200, event("e_9")); }};
  const Ran ran = run_against(server, {"event", "e_9"});
  CHECK(ran.out.find("  body      no longer kept: it cannot be explained or replayed\n") !=
        std::string::npos);
  CHECK(run_against(server, {"event", "e_9", "--body"}).status == 1);
}

TEST_CASE("replay names its rules and whether it is meant", "[cli][events]") {
  FakeServer server{[](const std::string&) {
    return FakeServer::answer(
        201,
        R"({"status":"accepted","event":"e_1","generation":2,"ruleset":"x","rules":["a"],)"
        R"("messages":[{"id":"m_3","mailbox":"reviewer","rule":"a","kind":"assign"}],"failures":[]})");
  }};
  const Ran ran = run_against(
      server, {"replay", "e_1", "--rule", "a", "--rule", "b", "--idempotency-key", "k"});
  CHECK(ran.status == 0);
  CHECK(ran.out ==
        "accepted  e_1  replay 2\n"
        "  rules     a\n"
        "  message   m_3  assign to reviewer by a\n");
  CHECK(target_of(server.last_request()) == "POST /v1/events/e_1/replay");
  CHECK(server.last_request().find("Idempotency-Key: k\r\n") != std::string::npos);
  CHECK(server.last_request().ends_with(R"({"rules":["a","b"]})"));
  CHECK(run_against(server, {"replay", "--rule", "a", "e_1", "--dry-run"}).status == 0);
  CHECK(server.last_request().ends_with(R"({"dry_run":true,"rules":["a"]})"));
}

TEST_CASE("a replay that sends nothing is no success", "[cli][events]") {
  FakeServer server{[](const std::string&) {
    return FakeServer::answer(
        200, R"({"status":"no_match","event":"e_1","rules":[],"messages":[],"failures":[]})");
  }};
  const Ran ran = run_against(server, {"replay", "e_1"});
  CHECK(ran.status == 1);
  CHECK(ran.out == "no_match  e_1\nnext: signalbox explain e_1\n");
}

TEST_CASE("rules are listed with their counters", "[cli][events]") {
  FakeServer server{[](const std::string&) {
    return FakeServer::answer(
        200,
        R"({"digest":"x","rules":[{"name":"review","file":"rules/r.yaml","line":2,"events":["github.push","github.star"],)"
        R"("recipients":["reviewer"],"matched":12,"failed":1,"last_match":"2026-11-22T10:00:00Z"},)"
        R"({"name":"idle","file":"rules/r.yaml","line":9,"events":["linear"],"recipients":["coder"],"matched":0,"failed":0}]})");
  }};
  const Ran ran = run_against(server, {"rules"});
  CHECK(ran.status == 0);
  CHECK(ran.out ==
        "RULE    EVENTS                    SENDS TO  MATCHED  FAILED  LAST  AT\n"
        "review  github.push, github.star  reviewer  12       1       1m    r.yaml:2\n"
        "idle    linear                    coder     0        0       -     r.yaml:9\n");
}

TEST_CASE("--all ends at ten thousand events", "[cli][events][limits]") {
  std::string page;
  for (int i = 0; i < 100; ++i) page += (i == 0 ? "" : ",") + event("e_1");
  FakeServer server{[&](const std::string&) {
    return FakeServer::answer(200, R"({"events":[)" + page + R"(],"next":"more"})");
  }};
  const Ran ran = run_against(server, {"events", "--all", "--json"});
  CHECK(ran.status == 0);
  CHECK(server.requests().size() == 100);
  CHECK(ran.out.ends_with(R"(],"next":"more"})"
                          "\n"));
}

TEST_CASE("a search asks a thousand times at most, though every page may be empty",
          "[cli][events][limits]") {
  FakeServer server{
      [](const std::string&) { return FakeServer::answer(200, R"({"events":[],"next":"more"})"); }};
  const Ran ran = run_against(server, {"events", "--json"});
  CHECK(ran.out == R"({"events":[],"next":"more"})"
                   "\n");
  CHECK(server.requests().size() == 1'000);
}

}  // namespace
}  // namespace signalbox
