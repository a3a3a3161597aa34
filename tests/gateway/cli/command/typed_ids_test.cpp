// What was typed in place of the id that a command takes is named, and the way to the right one.
#include <catch2/catch.hpp>

#include <array>

#include "tests/gateway/cli/run.hpp"

namespace signalbox {
namespace {

struct Typed {
  std::vector<std::string> line;
  std::string_view said;
};

TEST_CASE("another kind of id is named, and nothing is sent", "[cli]") {
  FakeServer server{[](const std::string&) { return FakeServer::answer(200, "{}"); }};
  const std::array<Typed, 10> typed{{
      {{"ack", "m_0b9akjgInM5O53Uhu"}, "is a message's id, and ack takes a receipt"},
      {{"nack", "m_0b9akjgInM5O53Uhu."}, "is a message's id, and nack takes a receipt"},
      {{"extend", "e_1cEI4ot2GmpiHFXjS"}, "is an event's id, and extend takes a receipt"},
      {{"ack", "m_0b9akjgInM5O53Uhu.2", "nonsense"}, "'nonsense' is not a receipt"},
      {{"event", "m_0b9akjgInM5O53Uhu.2"}, "is the receipt of a message, and event takes an event"},
      {{"event", "w_0b9akjgInM5O53Uhu"}, "is a work's id"},
      {{"replay", "m_0b9akjgInM5O53Uhu"}, "is a message's id, and replay takes an event's id"},
      {{"message", "e_1cEI4ot2GmpiHFXjS"}, "is an event"},
      {{"message", "nonsense"}, "a message's id begins with m_"},
      {{"explain", "missing.json"}, "there is no file 'missing.json'"},
  }};
  for (const Typed& row : typed) {
    CAPTURE(row.line);
    const Ran ran = run_against(server, row.line);
    CHECK(ran.status == 2);
    CHECK(ran.err.find(row.said) != std::string::npos);
    CHECK(ran.err.find("\n  ") != std::string::npos);  // what to do
  }
  CHECK(server.requests().empty());
}

TEST_CASE("a receipt is taken as one", "[cli]") {
  FakeServer server{[](const std::string&) {
    return FakeServer::answer(200, R"({"done":["m_0b9akjgInM5O53Uhu.12"],"expired":[]})");
  }};
  CHECK(run_against(server, {"ack", "m_0b9akjgInM5O53Uhu.12"}).status == 0);
  CHECK(run_against(server, {"ack", "m_0b9akjgInM5O53Uhu.rANRbXQUl80zg"}).status == 0);
}

TEST_CASE("a message is explained by the event that it follows from", "[cli]") {
  FakeServer server{[](const std::string& request) {
    return request.starts_with("GET /v1/messages/m_1 ")
               ? FakeServer::answer(200, R"({"id":"m_1","causationid":"e_1"})")
               : FakeServer::answer(200, R"({"event":"e_1","outcome":"accepted","rules":[]})");
  }};
  const Ran ran = run_against(server, {"explain", "m_1.2"});
  CHECK(ran.status == 0);
  CHECK(ran.err == "message m_1 follows from e_1\n");
  CHECK(ran.out.starts_with("e_1  accepted\n"));
  CHECK(server.last_request().starts_with("GET /v1/events/e_1/explain "));
}

TEST_CASE("a message that no rule sent has nothing to explain", "[cli]") {
  FakeServer server{[](const std::string&) {
    return FakeServer::answer(200, R"({"id":"m_1","sender":"operator:ops"})");
  }};
  const Ran ran = run_against(server, {"explain", "m_1"});
  CHECK(ran.status == 1);
  CHECK(ran.err.find("was sent by operator:ops, not by a rule") != std::string::npos);
}

TEST_CASE("a delivery that was taken is explained as the event that it is", "[cli]") {
  FakeServer server{[](const std::string& request) {
    if (request.starts_with("GET /v1/refused")) {
      return FakeServer::answer(200, R"({"keep":0,"refused":[]})");
    }
    if (request.starts_with("GET /v1/events?max=1&delivery=72d3162e")) {
      return FakeServer::answer(200, R"({"events":[{"id":"e_1"}]})");
    }
    return FakeServer::answer(200, R"({"event":"e_1","outcome":"accepted","rules":[]})");
  }};
  const Ran ran = run_against(server, {"explain", "--delivery", "72d3162e", "--json"});
  CHECK(ran.status == 0);
  CHECK(ran.out == "{\"event\":\"e_1\",\"outcome\":\"accepted\",\"rules\":[]}\n");
}

}  // namespace
}  // namespace signalbox
