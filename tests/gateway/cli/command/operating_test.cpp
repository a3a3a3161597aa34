// refused, reload, message, help and version: what is asked of the server, and what people see.
#include <catch2/catch.hpp>

#include "gateway/telemetry/version.hpp"
#include "tests/gateway/cli/run.hpp"

namespace signalbox {
namespace {

Ran answered(const std::vector<std::string>& line, const std::string& answer) {
  FakeServer server{[&](const std::string&) { return FakeServer::answer(200, answer); }};
  return run_against(server, line);
}

TEST_CASE("refused lists what was refused, and how to learn why", "[cli]") {
  const Ran ran = answered(
      {"refused"}, R"({"keep":5,"refused":[{"received":"2026-11-22T10:00:00Z",)"
                   R"("source":"github","delivery":"72d3162e","reason":"signature_invalid",)"
                   R"("peer":"192.0.2.1","bytes":2048}]})");
  CHECK(ran.status == 0);
  CHECK(ran.out ==
        "AGE  REASON             SOURCE  FROM       BODY     DELIVERY\n"
        "1m   signature_invalid  github  192.0.2.1  2.0 KiB  72d3162e\n"
        "\n"
        "next: signalbox explain --delivery 72d3162e\n");
}

TEST_CASE("no refused deliveries are told apart from none that are kept", "[cli]") {
  CHECK(answered({"refused"}, R"({"keep":0,"refused":[]})").out.find("hooks.keep_refused") !=
        std::string::npos);
  CHECK(answered({"refused"}, R"({"keep":5,"refused":[]})").out.find("no webhook was refused") !=
        std::string::npos);
}

TEST_CASE("reload tells what came of it, in its words and its exit status", "[cli]") {
  const Ran good = answered(
      {"reload"}, R"({"status":"reloaded","rules":2,"findings":["rules.yaml:3: warning"]})");
  CHECK(good.status == 0);
  CHECK(good.out == "rules.yaml:3: warning\nreloaded  2 rules\n");
  const Ran bad = answered({"reload"}, R"({"status":"failed","detail":"rules.yaml:2: error",)"
                                       R"("findings":["rules.yaml:2: error"]})");
  CHECK(bad.status == 1);
  CHECK(bad.out.find("failed  the configuration in use stays\n") != std::string::npos);
  CHECK(answered({"reload", "--json"}, R"({"status":"failed"})").status == 1);
}

TEST_CASE("release takes messages back by their ids, and says which nobody holds", "[cli]") {
  FakeServer server{[](const std::string&) {
    return FakeServer::answer(200, R"({"released":["m_1"],"not_leased":["m_2"]})");
  }};
  const Ran ran = run_against(server, {"release", "m_1.3", "m_2", "--agent", "coder"});
  CHECK(ran.status == 1);
  CHECK(ran.out == "released  m_1\nnobody holds  m_2\n");
  CHECK(server.last_request().starts_with("POST /v1/inbox/release HTTP/1.1"));
  CHECK(server.last_request().ends_with(R"({"agent":"coder","messages":["m_1","m_2"]})"));
  CHECK(run_against(server, {"release", "e_1", "--agent", "coder"}).status == 2);
  CHECK(run_against(server, {"release", "m_1"}).status == 2);
  CHECK(server.requests().size() == 1);
  CHECK(answered({"release", "m_1", "--agent", "coder"}, R"({"released":["m_1"],"not_leased":[]})")
            .status == 0);
}

TEST_CASE("inbox says who holds what is leased, until when, and how it is taken back", "[cli]") {
  const Ran ran = answered(
      {"inbox", "--agent", "coder"},
      R"({"agent":"coder","ready":0,"leased":1,"waiting":0,"dead":0,"messages":[{"state":"leased",)"
      R"("lease":{"holder":"agent:coder at 192.0.2.1","until":"2026-11-22T10:05:00Z"},)"
      R"("message":{"id":"m_1","type":"dev.signalbox.note","time":"2026-11-22T10:00:00Z"}}]})");
  CHECK(ran.status == 0);
  CHECK(
      ran.out.ends_with("m_1 is held by agent:coder at 192.0.2.1 until 2026-11-22T10:05:00Z\n"
                        "next: signalbox release m_1 --agent coder\n"));
}

TEST_CASE("message shows one whole, by its id, a receipt or a reference", "[cli]") {
  FakeServer server{[](const std::string&) {
    return FakeServer::answer(
        200, R"({"id":"m_1","type":"dev.signalbox.note","recipient":"coder","sender":"rule:x",)"
             R"("time":"2026-11-22T10:00:00Z","causationid":"e_1","data":{"summary":"Look"}})");
  }};
  for (const char* id : {"m_1", "m_1.2", "/v1/messages/m_1"}) {
    const Ran ran = run_against(server, {"message", id});
    CHECK(ran.status == 0);
    CHECK(ran.out ==
          "note  1m ago, to coder\n"
          "  summary   Look\n"
          "  from      rule:x\n"
          "  cause     e_1\n"
          "  id        m_1\n"
          "next: signalbox explain e_1\n");
    CHECK(server.last_request().starts_with("GET /v1/messages/m_1 HTTP/1.1"));
  }
  run_against(server, {"message", "m_1", "--agent", "coder"});
  CHECK(server.last_request().starts_with("GET /v1/messages/m_1?agent=coder HTTP/1.1"));
}

TEST_CASE("the version and help are asked for in every usual way", "[cli][program]") {
  const std::string version_line = "signalbox " + std::string{version} + "\n";
  for (const char* word : {"--version", "-V", "version"}) CHECK(run({word}).out == version_line);
  CHECK(run({"--version", "--json"}).status == 0);
  CHECK(run({"help"}).out == run({"--help"}).out);
  CHECK(run({"help", "serve"}).out == run({"serve", "--help"}).out);
  const Ran unknown = run({"help", "serv"});
  CHECK(unknown.status == 2);
  CHECK(unknown.err.find("unknown command 'serv'; did you mean 'serve'?") != std::string::npos);
}

TEST_CASE("an operator is told of --agent, not of a parameter", "[cli]") {
  FakeServer server{[](const std::string&) {
    return FakeServer::answer(400,
                              R"x({"status":400,"reason":"invalid_argument","detail":)x"
                              R"x("an operator names a mailbox with ?agent= (known: coder)"})x");
  }};
  for (const char* command : {"inbox", "dead", "receive", "redrive"}) {
    const Ran ran = run_against(server, {command});
    CHECK(ran.status == 1);
    CHECK(ran.err.find("names a mailbox with --agent (known: coder)") != std::string::npos);
  }
}

TEST_CASE("a name that nobody knows is told when nothing was found", "[cli][events]") {
  const std::string note = R"("notes":["no source 'githb' is configured; did you mean 'github'?"])";
  const Ran none = answered({"events", "--source", "githb"}, R"({"events":[],)" + note + "}");
  CHECK(none.status == 1);
  CHECK(none.out.find("did you mean 'github'?") != std::string::npos);
  const Ran some =
      answered({"events", "--source", "old"}, R"({"events":[{"id":"e_1"}],)" + note + "}");
  INFO(some.out << some.err);
  CHECK(some.status == 0);
}

TEST_CASE("what is cut down to a few bytes has no holes, and says where the whole is", "[cli]") {
  const Ran ran = answered(
      {"receive", "--max-bytes", "600"},
      R"({"messages":[{"receipt":"m_1.1","deliveries":1,"truncated":true,)"
      R"("reference":"/v1/messages/m_1","message":{"id":"m_1","type":"dev.signalbox.assign",)"
      R"("taskid":"review","data":{"summary":"Rev…"}}}],"remaining":0})");
  CHECK(ran.out ==
        "assign  task review\n"
        "  summary   Rev…\n"
        "  id        m_1\n"
        "  cut down  the whole: signalbox message m_1\n"
        "  receipt   m_1.1\n"
        "\n"
        "next: signalbox ack m_1.1\n");
}

}  // namespace
}  // namespace signalbox
