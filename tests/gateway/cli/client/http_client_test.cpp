// The command line's HTTP client against servers that behave and servers that do not.
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

}  // namespace
}  // namespace signalbox
