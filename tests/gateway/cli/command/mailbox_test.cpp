// Commands from their arguments to their output and exit status, against a server that a test
// plays.
#include <catch2/catch.hpp>

#include "tests/gateway/cli/run.hpp"

namespace signalbox {
namespace {

std::string message(const std::string& summary = "Review Add retry") {
  return R"({"specversion":"1.0","id":"m_1","source":"signalbox://acme","type":"dev.signalbox.assign",)"
         R"("subject":"github:acme/api#42","time":"2026-11-22T10:00:00Z","recipient":"reviewer",)"
         R"("sender":"rule:review","workid":"w_1","taskid":"review","causationid":"e_1","hop":1,)"
         R"("authortrust":"member","actorkind":"human","sequence":"1","data":{"summary":")" +
         summary + R"(","files":3,"list":[1,2]}})";
}

const std::string inbox_body =
    R"({"agent":"reviewer","ready":1,"leased":0,"waiting":0,"dead":2,"messages":[{"state":"ready",)"
    R"("deliveries":0,"message":)" +
    message() + "}]}";

TEST_CASE("inbox shows counts and messages, and what to do next", "[cli][commands]") {
  FakeServer server{[](const std::string&) { return FakeServer::answer(200, inbox_body); }};
  const Ran ran = run_against(server, {"inbox", "--agent", "reviewer", "--max", "5"});
  CHECK(ran.status == 0);
  CHECK(ran.out ==
        "reviewer: 1 ready, 0 leased, 0 waiting, 2 dead\n"
        "\n"
        "STATE  KIND    WORK                TASK    SUMMARY           AGE  ID\n"
        "ready  assign  github:acme/api#42  review  Review Add retry  1m   m_1\n"
        "\n"
        "next: signalbox receive --agent reviewer\n");
  CHECK(ran.err.empty());
  CHECK(server.last_request().starts_with("GET /v1/inbox?max=5&agent=reviewer HTTP/1.1\r\n"));
  CHECK(server.last_request().find("Authorization: Bearer a-token-of-my-own\r\n") !=
        std::string::npos);
}

TEST_CASE("with --json the server's answer is the output, unchanged", "[cli][commands]") {
  FakeServer server{[](const std::string&) { return FakeServer::answer(200, inbox_body); }};
  const Ran before = run_against(server, {"--json", "inbox"});
  CHECK(before.out == inbox_body + "\n");
  const Ran behind = run_against(server, {"inbox", "--json"});
  CHECK(behind.out == inbox_body + "\n");
}

TEST_CASE("receive shows each message with its receipt", "[cli][commands]") {
  const std::string body = R"({"messages":[{"receipt":"m_1.2","deliveries":2,"message":)" +
                           message("\\u001b[2Jcleared") + R"(}],"remaining":3})";
  FakeServer server{[&](const std::string&) { return FakeServer::answer(200, body); }};
  const Ran ran = run_against(server, {"receive", "--max", "2", "--wait", "30s", "--visibility",
                                       "5m", "--max-bytes", "8KiB"});
  CHECK(ran.status == 0);
  CHECK(ran.out ==
        "assign  github:acme/api#42  task review  1m ago, delivery 2\n"
        "  summary   [2Jcleared\n"
        "  files     3\n"
        "  list      [1,2]\n"
        "  from      rule:review\n"
        "  author    member, human\n"
        "  cause     e_1\n"
        "  id        m_1\n"
        "  receipt   m_1.2\n"
        "\n"
        "3 more\n"
        "next: signalbox ack m_1.2\n"
        "      signalbox explain e_1\n");
  CHECK(server.last_request().ends_with(
      R"({"max":2,"wait":"30s","visibility":"5m","max_bytes":8192})"));
}

TEST_CASE("an empty mailbox is no failure", "[cli][commands]") {
  FakeServer server{[](const std::string&) {
    return FakeServer::answer(200, R"({"messages":[],"remaining":0})");
  }};
  const Ran ran = run_against(server, {"receive"});
  CHECK(ran.status == 0);
  CHECK(ran.out == "nothing to receive\n");
}

TEST_CASE("receipts that hold are done; lost ones exit 4 and are named", "[cli][commands]") {
  FakeServer good{[](const std::string&) {
    return FakeServer::answer(200, R"({"done":["m_1.1","m_2.1"],"expired":[]})");
  }};
  const Ran done = run_against(good, {"ack", "m_1.1", "m_2.1"});
  CHECK(done.status == 0);
  CHECK(done.out == "acknowledged  m_1.1\nacknowledged  m_2.1\n");
  CHECK(good.last_request().starts_with("POST /v1/inbox/ack HTTP/1.1\r\n"));
  CHECK(good.last_request().ends_with(R"({"receipts":["m_1.1","m_2.1"]})"));

  FakeServer lost{[](const std::string&) {
    return FakeServer::answer(
        409,
        R"({"title":"Gone.","status":409,"reason":"receipt_expired","done":["m_1.1"],"expired":["m_2.1"]})");
  }};
  const Ran expired = run_against(lost, {"nack", "m_1.1", "m_2.1"});
  CHECK(expired.status == 4);
  CHECK(expired.out == "given back  m_1.1\n");
  CHECK(expired.err == "signalbox: 409 receipt_expired: Gone.\n  expired  m_2.1\n");
  const Ran extended = run_against(lost, {"extend", "m_2.1", "--visibility", "5m"});
  CHECK(extended.status == 4);
  CHECK(lost.last_request().ends_with(R"({"receipts":["m_2.1"],"visibility":"5m"})"));
}

TEST_CASE("a refusal exits 1, with its problem on standard error", "[cli][commands]") {
  const std::string problem =
      R"({"type":"about:blank","title":"A valid bearer token is needed.","status":401,"reason":"unauthorized"})";
  FakeServer server{[&](const std::string&) {
    return FakeServer::answer(401, problem, "application/problem+json");
  }};
  const Ran people = run_against(server, {"inbox"});
  CHECK(people.status == 1);
  CHECK(people.out.empty());
  CHECK(people.err == "signalbox: 401 unauthorized: A valid bearer token is needed.\n");
  const Ran programs = run_against(server, {"inbox", "--json"});
  CHECK(programs.status == 1);
  CHECK(programs.out == problem + "\n");
}

TEST_CASE("an answer that is no JSON is not from a gateway", "[cli][commands]") {
  FakeServer server{[](const std::string&) {
    return FakeServer::answer(200, "<html>login</html>", "text/html");
  }};
  const Ran ran = run_against(server, {"inbox"});
  CHECK(ran.status == 3);
  FakeServer proxy{[](const std::string&) {
    return FakeServer::answer(502, "<html>\x1b[31mbad gateway</html>", "text/html");
  }};
  const Ran broken = run_against(proxy, {"inbox"});
  CHECK(broken.status == 1);
  CHECK(broken.err == "signalbox: 502\n");
}

TEST_CASE("a server that is away exits 3", "[cli][commands]") {
  Scratch scratch;
  const Ran ran = run({"inbox"}, scratch.environment("SIGNALBOX_URL=http://127.0.0.1:1\n"
                                                     "SIGNALBOX_TOKEN=a-token-of-my-own\n"));
  CHECK(ran.status == 3);
  CHECK(ran.err.find(std::string{own_token}) == std::string::npos);
}

TEST_CASE("send puts data and summary together and passes its key on", "[cli][commands]") {
  FakeServer server{[](const std::string&) {
    return FakeServer::answer(201, R"({"messages":[{"id":"m_1","mailbox":"coder"}]})");
  }};
  Scratch scratch;
  const auto data = scratch.write("data.json", R"({"question": "which?"})");
  const Ran ran = run_against(
      server, {"send", "--to", "coder", "--kind", "help", "--work", "github:acme/api#42", "--task",
               "main", "--data", "@" + data, "--summary", "Stuck", "--idempotency-key", "k1"});
  CHECK(ran.status == 0);
  CHECK(ran.out == "sent  m_1  to coder\n");
  const std::string sent = server.last_request();
  CHECK(sent.find("Idempotency-Key: k1\r\n") != std::string::npos);
  CHECK(sent.ends_with(
      R"({"to":"coder","kind":"help","data":{"question":"which?","summary":"Stuck"},"work":"github:acme/api#42","task":"main"})"));
}

TEST_CASE("arguments that make no sense exit 2 before anything is sent", "[cli][commands]") {
  FakeServer server{[](const std::string&) { return FakeServer::answer(200, "{}"); }};
  const std::vector<std::pair<std::vector<std::string>, std::string>> cases{
      {{"snd"}, "unknown command 'snd'; did you mean 'send'?"},
      {{"inbox", "--max", "0"}, "--max"},
      {{"inbox", "--no-such-flag"}, "--no-such-flag"},
      {{"ack"}, "receipts is required"},
      {{"send"}, "--to is required"},
      {{"send", "--to", "coder", "--kind", "notes"}, "unknown kind 'notes'; did you mean 'note'?"},
      {{"send", "--to", "coder", "--data", "[1]"}, "--data must be a JSON object, @file or -"},
      {{"send", "--to", "coder", "--data", "@/no/such/file"}, "/no/such/file: No such file"},
      {{"receive", "--wait", "30"}, "--wait must be a duration like 30s or 5m"},
      {{"receive", "--max-bytes", "many"}, "--max-bytes must be a size like 8192 or 8KiB"},
      {{"extend", "m_1.1", "--visibility", "soon"}, "--visibility must be a duration"},
      {{"eval"}, "eval needs --pattern and --event, or --patterns and --events, or --jsonl"},
      {{"eval", "--jsonl", "--patterns", "p"}, "eval needs --pattern and --event"},
      {{"eval", "--pattern", "-", "--event", "-"}, "standard input is the pattern or the event"},
      {{"eval", "--pattern", "{\"a\":[{\"prefx\":\"x\"}]}", "--event", "{}"}, "the pattern: "},
      {{"eval", "--pattern", "{\"a\":[1]}", "--event", "[]"}, "the event must be a JSON object"},
      {{"eval", "--pattern", "{\"a\":[1]}", "--event", "@/no/such"}, "/no/such: No such file"},
      {{"inbox", "--token", "secret"}, "--token"},
  };
  for (const auto& [arguments, text] : cases) {
    INFO(text);
    const Ran ran = run_against(server, arguments);
    CHECK(ran.status == 2);
    CHECK(ran.out.empty());
    CHECK(ran.err.find(text) != std::string::npos);
  }
  CHECK(server.requests().empty());
}

TEST_CASE("events are listed with their recipients", "[cli][commands]") {
  FakeServer server{[](const std::string&) {
    return FakeServer::answer(
        200,
        R"({"events":[{"id":"e_2","type":"github.push","outcome":"no_match","subject":"github:acme/api",)"
        R"("received":"2026-11-22T09:00:00Z","messages":[]},)"
        R"({"id":"e_1","type":"github.pull_request.opened","outcome":"accepted","subject":"github:acme/api#42",)"
        R"("received":"2026-11-20T09:00:00Z","messages":[{"id":"m_1","mailbox":"reviewer"},{"id":"m_2","mailbox":"coder"}]}],)"
        R"("next":"c/1"})");
  }};
  const Ran ran = run_against(server, {"events", "--max", "2", "--cursor", "a b"});
  CHECK(ran.out ==
        "AGE  OUTCOME   TYPE                        SUBJECT             SENT TO          ID\n"
        "1h   no_match  github.push                 github:acme/api                      e_2\n"
        "2d   accepted  github.pull_request.opened  github:acme/api#42  reviewer, coder  e_1\n"
        "\n"
        "next: signalbox explain e_2\n"
        "      signalbox events --max 2 --cursor c/1\n");
  CHECK(server.last_request().starts_with("GET /v1/events?max=2&cursor=a%20b HTTP/1.1\r\n"));
}

TEST_CASE("explain says which rules matched and why the others did not", "[cli][commands]") {
  FakeServer server{[](const std::string&) {
    return FakeServer::answer(
        200,
        R"({"event":"e_1","outcome":"no_match","ruleset_then":"a","ruleset_now":"b","rules":[)"
        R"({"rule":"one","file":"r.yaml","line":2,"matched":true,"passed":2},)"
        R"({"rule":"broken","file":"r.yaml","line":9,"matched":true,"passed":1,"failure":"no value at body.x"},)"
        R"({"rule":"near","file":"r.yaml","line":12,"matched":false,"passed":2,"failed_path":"pull_request.draft","expected":"[false]","actual":"true","condition_line":14},)"
        R"({"rule":"far","file":"r.yaml","line":20,"matched":false,"passed":0,"failed_path":"events","expected":"[\"github.push\",\"github.star\"]","actual":"\"github.issues.opened\""}]})");
  }};
  const Ran ran = run_against(server, {"explain", "e_1", "--rule", "one"});
  CHECK(ran.status == 0);
  CHECK(ran.out ==
        "e_1  no_match\n"
        "  decided by other rules than those below, which are today's\n"
        "  matched  one     r.yaml:2\n"
        "  failed   broken  r.yaml:9\n"
        "           no value at body.x\n"
        "  no       near    r.yaml:12\n"
        "           pull_request.draft wants [false], saw true  (line 14)\n"
        "  1 rule is for other events; --all shows it\n");
  CHECK(server.last_request().starts_with("GET /v1/events/e_1/explain?rule=one HTTP/1.1\r\n"));
}

TEST_CASE("explain shows each way of $or, and with --all rules for other events",
          "[cli][commands]") {
  FakeServer server{[](const std::string&) {
    return FakeServer::answer(
        200,
        R"x({"event":"e_1","outcome":"no_match","rules":[)x"
        R"x({"rule":"ways","file":"r.yaml","line":2,"matched":false,"passed":1,"failed_path":"a","expected":"[1]","actual":"2","condition_line":5,)x"
        R"x("ways":[{"line":5,"passed":1,"failed_path":"a","expected":"[1]","actual":"2"},)x"
        R"x({"line":6,"passed":1,"failed_path":"b.c","expected":"[\"x\"]","actual":"(missing)"}]},)x"
        R"x({"rule":"one","file":"r.yaml","line":9,"matched":false,"passed":0,"failed_path":"events","expected":"[\"github.push\"]","actual":"\"github.star\""},)x"
        R"x({"rule":"two","file":"r.yaml","line":12,"matched":false,"passed":0,"failed_path":"events","expected":"[\"jira\"]","actual":"\"github.star\""}]})x");
  }};
  const std::string ways =
      "e_1  no_match\n"
      "  no       ways  r.yaml:2\n"
      "           no way of $or holds:\n"
      "           a wants [1], saw 2  (line 5)\n"
      "           b.c wants [\"x\"], saw (missing)  (line 6)\n";
  CHECK(run_against(server, {"explain", "e_1"}).out ==
        ways + "  2 rules are for other events; --all shows them\n");
  CHECK(run_against(server, {"explain", "e_1", "--all"}).out ==
        ways + "  no       one   is for github.push\n  no       two   is for jira\n");
}

TEST_CASE("help is no failure, and nothing at all is one", "[cli][commands]") {
  const Ran help = run({"--help"});
  CHECK(help.status == 0);
  CHECK(help.out.find("receive") != std::string::npos);
  const Ran own = run({"receive", "--help"});
  CHECK(own.status == 0);
  CHECK(own.out.find("--visibility") != std::string::npos);
  const Ran nothing = run({});
  CHECK(nothing.status == 2);
  CHECK(nothing.out.empty());
  CHECK(nothing.err.find("sample") != std::string::npos);
  CHECK(run({"version"}).out.starts_with("signalbox "));
}

TEST_CASE("send reads up to a mebibyte of data", "[cli][commands][limits]") {
  FakeServer server{[](const std::string&) { return FakeServer::answer(201, "{}"); }};
  Scratch scratch;
  const auto with = [&](std::size_t bytes) {
    const std::string data = R"({"a":1})" + std::string(bytes - 7, ' ');
    return run_against(server, {"send", "--to", "coder", "--data", "@" + scratch.write("d", data)})
        .status;
  };
  CHECK(with(std::size_t{1024} * 1024) == 0);
  CHECK(with(std::size_t{1024} * 1024 + 1) == 2);
  CHECK(server.requests().size() == 1);
}

TEST_CASE("what was not asked for is left to the gateway, but for how many", "[cli][commands]") {
  FakeServer server{[](const std::string&) {
    return FakeServer::answer(200, R"({"messages":[],"moved":[],"remaining":0})");
  }};
  CHECK(run_against(server, {"receive"}).status == 0);
  CHECK(server.last_request().ends_with("\r\n\r\n{\"max\":1}"));
  CHECK(run_against(server, {"redrive"}).out == "0 moved, 0 left\n");
  CHECK(server.last_request().ends_with("\r\n\r\n{}"));
  CHECK(run_against(server, {"redrive", "m_1", "--max", "7"}).status == 0);
  CHECK(server.last_request().ends_with(R"({"max":7,"messages":["m_1"]})"));
  CHECK(run_against(server, {"dead"}).status == 0);
  CHECK(server.last_request().starts_with("GET /v1/inbox/dead?max=10 "));
}

TEST_CASE("redrive tells what was moved before what had no room", "[cli][commands]") {
  FakeServer server{[](const std::string&) {
    return FakeServer::answer(200, R"({"moved":["m_1"],"missing":["m_2"],"remaining":3})");
  }};
  const Ran ran = run_against(server, {"redrive", "m_1", "m_2"});
  CHECK(ran.status == 1);
  CHECK(ran.out == "moved  m_1\nno dead letter  m_2\n1 moved, 3 left\n");
}

TEST_CASE("a follower asks for ten messages at a time, and a refusal ends it", "[cli][follow]") {
  FakeServer server{[](const std::string&) {
    return FakeServer::answer(401, R"({"status":401,"reason":"unauthorized"})");
  }};
  CHECK(run_against(server, {"receive", "--follow"}).status == 1);
  CHECK(server.requests().size() == 1);
  CHECK(server.last_request().find("Accept: text/event-stream\r\n") != std::string::npos);
  CHECK(server.last_request().ends_with("\r\n\r\n{\"max\":10}"));
  CHECK(run_against(server, {"receive", "--follow", "--max", "1"}).status == 1);
  CHECK(server.last_request().ends_with("\r\n\r\n{\"max\":1}"));
}

}  // namespace
}  // namespace signalbox
