// The command line's HTTP client against servers that behave and servers that do not.
#include <unistd.h>

#include <catch2/catch.hpp>

#include "gateway/cli/client/http_client.hpp"
#include "tests/gateway/cli/client/fake_server.hpp"

namespace signalbox {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

CommandResult<HttpAnswer> call(const FakeServer& server, const HttpCall& what,
                               Milliseconds timeout = seconds{10}) {
  return http_call(*parse_base_url(server.url()), what, timeout);
}

TEST_CASE("a call carries its method, target, headers and body, and brings the answer back",
          "[cli][http]") {
  FakeServer server{[](const std::string&) { return FakeServer::answer(201, R"({"a":1})"); }};
  HttpCall what;
  what.method = "POST";
  what.target = "/v1/messages?agent=a%20b";
  what.headers = {{"Authorization", "Bearer 0123"}, {"Idempotency-Key", "k"}};
  what.body = "{}";
  const auto answer = call(server, what);
  REQUIRE(answer.has_value());
  CHECK(answer->status == 201);
  CHECK(answer->body == R"({"a":1})");
  CHECK(answer->content_type == "application/json");
  const std::string sent = server.last_request();
  CHECK(sent.starts_with("POST /v1/messages?agent=a%20b HTTP/1.1\r\n"));
  CHECK(sent.find("Host: 127.0.0.1:" + server.port() + "\r\n") != std::string::npos);
  CHECK(sent.find("Authorization: Bearer 0123\r\n") != std::string::npos);
  CHECK(sent.find("Idempotency-Key: k\r\n") != std::string::npos);
  CHECK(sent.ends_with("\r\n\r\n{}"));
}

TEST_CASE("an answer in pieces is put together", "[cli][http]") {
  FakeServer server{[](const std::string&) {
    return std::string{
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n"};
  }};
  const auto answer = call(server, {});
  REQUIRE(answer.has_value());
  CHECK(answer->body == "abcde");
}

TEST_CASE("a server that is not there, says nothing or says nonsense is not reachable",
          "[cli][http]") {
  std::string port;
  {
    FakeServer gone{[](const std::string&) { return std::string{}; }};
    port = gone.port();
  }
  const auto refused = http_call({"127.0.0.1", port, ""}, {}, seconds{10});
  REQUIRE_FALSE(refused.has_value());
  CHECK(refused.error().code == ExitCode::not_reachable);

  FakeServer silent{[](const std::string&) { return std::string{}; }};
  const auto late = call(silent, {}, milliseconds{200});
  REQUIRE_FALSE(late.has_value());
  CHECK(late.error().code == ExitCode::not_reachable);
  CHECK(late.error().text == "cannot read the answer of " + silent.url() + ": no answer in 200ms");

  FakeServer nonsense{[](const std::string&) { return std::string{"220 mail.example ESMTP\r\n"}; }};
  const auto strange = call(nonsense, {});
  REQUIRE_FALSE(strange.has_value());
  CHECK(strange.error().code == ExitCode::not_reachable);
}

TEST_CASE("a header value with a line break is never sent", "[cli][http]") {
  FakeServer server{[](const std::string&) { return FakeServer::answer(200, "{}"); }};
  HttpCall what;
  what.headers = {{"Authorization", "Bearer a\r\nX-Injected: yes"}};
  const auto answer = call(server, what);
  REQUIRE_FALSE(answer.has_value());
  CHECK(answer.error().code == ExitCode::usage);
  CHECK(answer.error().text.find("Injected") == std::string::npos);
  CHECK(server.requests().empty());
}

TEST_CASE("a server's URL is taken apart, and what cannot be done is refused by name",
          "[cli][http]") {
  const auto plain = parse_base_url("http://gateway.internal:8081/behind/proxy/");
  REQUIRE(plain.has_value());
  CHECK(plain->host == "gateway.internal");
  CHECK(plain->port == "8081");
  CHECK(plain->prefix == "/behind/proxy");
  const auto v6 = parse_base_url("http://[::1]");
  REQUIRE(v6.has_value());
  CHECK(v6->host == "::1");
  CHECK(v6->port == "80");
  CHECK_FALSE(v6->tls);
  const auto tls = parse_base_url("https://gateway");
  REQUIRE(tls.has_value());
  CHECK(tls->tls);
  CHECK(tls->port == "443");
  for (const char* wrong : {"", "gateway:8081", "ftp://gateway", "http://",
                            "http://u:hunter2@gateway", "http://gateway/?q", "http://gate way"}) {
    INFO(wrong);
    const auto parsed = parse_base_url(wrong);
    REQUIRE_FALSE(parsed.has_value());
    CHECK(parsed.error().code == ExitCode::usage);
    CHECK(parsed.error().text.find("hunter2") == std::string::npos);
  }
}

TEST_CASE("what goes into a path or a query is encoded", "[cli][http]") {
  CHECK(url_encode("e_1Az~") == "e_1Az~");
  CHECK(url_encode("a/b?c&d=e f%") == "a%2Fb%3Fc%26d%3De%20f%25");
}

TEST_CASE("an answer's body is taken up to its bound", "[cli][http][limits]") {
  FakeServer server{
      [](const std::string&) { return FakeServer::answer(200, std::string(1'000, 'x')); }};
  HttpCall what;
  CHECK(what.answer_bytes_max == std::size_t{64} * 1024 * 1024);
  what.answer_bytes_max = 1'000;
  CHECK(call(server, what).has_value());
  what.answer_bytes_max = 999;
  const auto longer = call(server, what);
  REQUIRE_FALSE(longer.has_value());
  CHECK(longer.error().code == ExitCode::not_reachable);
  CHECK(longer.error().text.find("body limit exceeded") != std::string::npos);
}

TEST_CASE("a line of an answer's head is taken up to 64 KiB", "[cli][http][limits]") {
  const auto with_head_of = [](std::size_t bytes) {
    FakeServer server{[bytes](const std::string&) {
      const std::string before = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nX-Long: ";
      return before + std::string(bytes - before.size() - 4, 'x') + "\r\n\r\n";
    }};
    return call(server, {}).has_value();
  };
  CHECK(with_head_of(65'536));
  CHECK_FALSE(with_head_of(65'536 + 128));  // Beast counts no lines that it has done with
}

CommandResult<HttpAnswer> stream(const FakeServer& server, const HttpStream& parts,
                                 std::size_t answer_bytes_max = http_answer_bytes_max) {
  HttpCall what;
  what.answer_bytes_max = answer_bytes_max;
  return http_stream(*parse_base_url(server.url()), what, parts, {});
}

HttpStream text_stream(std::string& taken) {
  HttpStream parts;
  parts.content_type = "text/event-stream";
  parts.silence_max = seconds{10};
  parts.on_part = [&taken](std::string_view part) { taken += part; };
  return parts;
}

TEST_CASE("a stream may be of any length, but not what is answered in its place",
          "[cli][http][limits]") {
  std::string taken;
  const std::string body(1'000, 'x');
  FakeServer streams{
      [&](const std::string&) { return FakeServer::answer(200, body, "text/event-stream"); }};
  CHECK(stream(streams, text_stream(taken), 10).has_value());
  CHECK(taken == body);
  FakeServer refuses{[&](const std::string&) { return FakeServer::answer(403, body); }};
  const auto whole = stream(refuses, text_stream(taken), 1'000);
  REQUIRE(whole.has_value());
  CHECK(whole->body == body);
  CHECK_FALSE(stream(refuses, text_stream(taken), 999).has_value());
  CHECK(taken == body);
}

TEST_CASE("a stream without a sound for too long has lost its server", "[cli][http][limits]") {
  std::string taken;
  FakeServer silent{[](const std::string&) { return std::string{}; }};
  HttpStream parts = text_stream(taken);
  parts.silence_max = milliseconds{200};
  const auto lost = stream(silent, parts);
  REQUIRE_FALSE(lost.has_value());
  CHECK(lost.error().text.ends_with("no answer in 200ms"));
}

TEST_CASE("a stream whose end was asked for twice ends at once", "[cli][http]") {
  std::string taken;
  FakeServer silent{[](const std::string&) { return std::string{}; }};
  int ends[2];
  REQUIRE(::pipe(ends) == 0);
  REQUIRE(::write(ends[1], "x", 1) == 1);
  HttpStream parts = text_stream(taken);
  parts.silence_max = std::chrono::hours{1};
  parts.stop = ends[0];
  parts.stop_grace = std::chrono::hours{1};
  parts.abandon = [] { return true; };
  CHECK(stream(silent, parts).has_value());
  ::close(ends[0]);
  ::close(ends[1]);
}

TEST_CASE("a stream that is stopped ends well, within its grace", "[cli][http][limits]") {
  std::string taken;
  FakeServer silent{[](const std::string&) { return std::string{}; }};
  int ends[2];
  REQUIRE(::pipe(ends) == 0);
  REQUIRE(::write(ends[1], "x", 1) == 1);
  HttpStream parts = text_stream(taken);
  parts.silence_max = std::chrono::hours{1};
  parts.stop = ends[0];
  parts.stop_grace = milliseconds{100};
  const auto before = std::chrono::steady_clock::now();
  CHECK(stream(silent, parts).has_value());
  CHECK(std::chrono::steady_clock::now() - before >= milliseconds{100});
  CHECK(std::chrono::steady_clock::now() - before < seconds{3});
  ::close(ends[0]);
  ::close(ends[1]);
}

}  // namespace
}  // namespace signalbox
