// The session against raw bytes: how requests are framed and answers come back. Its limits and
// deadlines stand in session_limits_test.cpp.
#include "gateway/http/session.hpp"

#include <fmt/format.h>
#include <catch2/catch.hpp>

#include <string>
#include <vector>

#include "tests/gateway/http/raw_connection.hpp"

namespace signalbox {
namespace {

using test::Connection;

std::string status_line(const std::string& answer) { return answer.substr(0, answer.find("\r\n")); }
std::string body_of(const std::string& answer) {
  return answer.substr(answer.find("\r\n\r\n") + 4);
}

std::string get_once(std::string_view bytes) {
  Connection connection;
  connection.send(bytes);
  return connection.read_all();
}

struct Case {
  std::string_view claim;
  std::string bytes;
  std::string status;
  std::string body;  // compared where not empty
};

const std::vector<Case>& cases() {
  static const std::string big(100'001, 'x');
  static const std::vector<Case> all{
      {"a request without body", "GET /a HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n",
       "HTTP/1.1 200 OK", "GET /a 2|"},
      {"a body with a length",
       "POST /a HTTP/1.1\r\nHost: h\r\nConnection: close\r\nContent-Length: 5\r\n\r\nhello",
       "HTTP/1.1 200 OK", "POST /a 3|hello"},
      {"a chunked body with extension and trailer",
       "POST /a HTTP/1.1\r\nHost: h\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n"
       "5;x=y\r\nhello\r\n6\r\n world\r\n0\r\nT: v\r\n\r\n",
       "HTTP/1.1 200 OK", ""},
      {"empty lines before the request line",
       "\r\n\r\nGET /a HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n", "HTTP/1.1 200 OK",
       "GET /a 2|"},
      {"HTTP/1.0 closes", "GET /a HTTP/1.0\r\n\r\n", "HTTP/1.1 200 OK", "GET /a 0|"},
      {"HEAD has no body", "HEAD /a HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n",
       "HTTP/1.1 200 OK", ""},
      {"a length over the limit is refused before the body",
       "POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: 100001\r\n\r\n",
       "HTTP/1.1 413 Content Too Large", ""},
      {"a chunk over the limit is refused before it came",
       "POST /a HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n186a1\r\n",
       "HTTP/1.1 413 Content Too Large", ""},
      {"chunks that add up over the limit",
       "POST /a HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n186a0\r\n" +
           big.substr(0, 100'000) + "\r\n1\r\nx\r\n",
       "HTTP/1.1 413 Content Too Large", ""},
      {"headers over the limit",
       "GET /a HTTP/1.1\r\nHost: h\r\nX: " + std::string(2'100, 'x') + "\r\n\r\n",
       "HTTP/1.1 431 Request Header Fields Too Large", ""},
      {"headers that never end", "GET /a HTTP/1.1\r\nHost: h\r\nX: " + std::string(70'000, 'x'),
       "HTTP/1.1 431 Request Header Fields Too Large", ""},
      {"too many headers",
       [] {
         std::string bytes = "GET /a HTTP/1.1\r\nHost: h\r\n";
         for (int i = 0; i < 100; ++i) bytes += fmt::format("A{}: b\r\n", i);
         return bytes + "\r\n";
       }(),
       "HTTP/1.1 431 Request Header Fields Too Large", ""},
      {"nonsense", "nonsense\r\n\r\n", "HTTP/1.1 400 Bad Request", ""},
      {"an invalid chunk size",
       "POST /a HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
       "HTTP/1.1 400 Bad Request", ""},
      {"two lengths",
       "POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
       "HTTP/1.1 400 Bad Request", ""},
      {"a length and chunks",
       "POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\nTransfer-Encoding: "
       "chunked\r\n\r\n0\r\n\r\n",
       "HTTP/1.1 400 Bad Request", ""},
      {"a folded header", "GET /a HTTP/1.1\r\nHost: h\r\nX: a\r\n b\r\n\r\n",
       "HTTP/1.1 400 Bad Request", ""},
      {"an expectation that nobody can meet",
       "POST /a HTTP/1.1\r\nHost: h\r\nExpect: tea\r\nContent-Length: 1\r\n\r\n",
       "HTTP/1.1 417 Expectation Failed", ""},
  };
  return all;
}

}  // namespace

TEST_CASE("each way to frame a request gets its answer", "[session]") {
  for (const Case& one : cases()) {
    CAPTURE(one.claim);
    const std::string answer = get_once(one.bytes);
    CHECK(status_line(answer) == one.status);
    if (!one.body.empty()) CHECK(body_of(answer) == one.body);
  }
}

TEST_CASE("a chunked body reaches the handler decoded", "[session]") {
  const std::string answer = get_once(
      "POST /a HTTP/1.1\r\nHost: h\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n"
      "5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n");
  CHECK(body_of(answer) == "POST /a 3|hello world");
}

TEST_CASE("pipelined requests are answered in order on one connection", "[session]") {
  std::string bytes;
  for (int i = 0; i < 50; ++i) {
    bytes += fmt::format("POST /{0} HTTP/1.1\r\nHost: h\r\nContent-Length: {1}\r\n\r\n{2}", i, i,
                         std::string(i, 'b'));
  }
  bytes += "GET /last HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n";
  const std::string answer = get_once(bytes);
  std::size_t at = 0;
  for (int i = 0; i < 50; ++i) {
    at = answer.find(fmt::format("POST /{} 2|{}", i, std::string(i, 'b')), at);
    REQUIRE(at != std::string::npos);
  }
  CHECK(answer.find("GET /last 2|", at) != std::string::npos);
}

TEST_CASE("a request that comes byte by byte is whole in the end", "[session]") {
  Connection connection;
  for (char byte : std::string{
           "POST /slow HTTP/1.1\r\nHost: h\r\nConnection: close\r\nContent-Length: 3\r\n\r\nabc"}) {
    connection.send({&byte, 1});
  }
  CHECK(body_of(connection.read_all()) == "POST /slow 3|abc");
}

TEST_CASE("a body larger than a pooled buffer is taken whole", "[session]") {
  const std::string body(99'999, 'q');
  const std::string answer = get_once(fmt::format(
      "POST /a HTTP/1.1\r\nHost: h\r\nConnection: close\r\nContent-Length: {}\r\n\r\n{}",
      body.size(), body));
  CHECK(body_of(answer) == "POST /a 3|" + body);
}

TEST_CASE("a client that waits for 100 Continue gets it before it sends the body", "[session]") {
  Connection connection;
  connection.send(
      "POST /a HTTP/1.1\r\nHost: h\r\nConnection: close\r\nExpect: 100-continue\r\nContent-Length: "
      "2\r\n\r\n");
  CHECK(connection.read_all() == "HTTP/1.1 100 Continue\r\n\r\n");
  connection.send("ok");
  CHECK(body_of(connection.read_all()) == "POST /a 4|ok");
}

TEST_CASE("a handler that throws is answered 500, and says so", "[session]") {
  Connection connection;
  connection.send("GET /throw HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
  CHECK(status_line(connection.read_all()) == "HTTP/1.1 500 Internal Server Error");
  REQUIRE(connection.handler().refusals.size() == 1);
  CHECK(connection.handler().refusals[0].first == Reason::internal_error);
}

TEST_CASE("a client that gives up in the middle of a body is not answered", "[session]") {
  Connection connection;
  connection.send("POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\n\r\nhalf");
  connection.finish_sending();
  CHECK(connection.read_all().empty());
}

TEST_CASE("sessions that are cut off in the middle leave nothing behind", "[session]") {
  for (const char* rest :
       {"Content-Length: 10\r\n\r\n", "Transfer-Encoding: chunked\r\n\r\n5\r\nab"}) {
    Connection connection;
    connection.send(std::string{"POST /a HTTP/1.1\r\nHost: h\r\n"} + rest);
    REQUIRE(connection.served());
    REQUIRE(connection.held_bytes() > 0);
    connection.cut_off();
    CHECK_FALSE(connection.served());
    CHECK(connection.held_bytes() == 0);
  }
}

TEST_CASE("a body that is made while it is sent goes out in chunks, and the connection closes") {
  const std::string answer = get_once("GET /stream HTTP/1.1\r\nHost: h\r\n\r\n");
  CHECK(status_line(answer) == "HTTP/1.1 200 OK");
  CHECK(answer.find("Transfer-Encoding: chunked\r\n") != std::string::npos);
  CHECK(answer.find("Connection: close\r\n") != std::string::npos);
  CHECK(answer.find("Content-Length") == std::string::npos);
  CHECK(body_of(answer) == "7\r\nfirst, \r\n6\r\nsecond\r\n0\r\n\r\n");
}

TEST_CASE("a client of HTTP/1.0 is sent a stream without chunks") {
  const std::string answer = get_once("GET /stream HTTP/1.0\r\n\r\n");
  CHECK(answer.find("Transfer-Encoding") == std::string::npos);
  CHECK(body_of(answer) == "first, second");
}

TEST_CASE("a stream that breaks off has no last chunk") {
  const std::string answer = get_once("GET /stream-that-breaks HTTP/1.1\r\nHost: h\r\n\r\n");
  CHECK(body_of(answer) == "7\r\nfirst, \r\n6\r\nsecond\r\n");
}

TEST_CASE("a request that is let go frees its buffer, and what follows it is kept") {
  Connection alone;
  alone.send("POST /let-go HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nhello");
  CHECK(alone.read_all().ends_with(" 0|"));
  CHECK(alone.handler().held_bytes == 0);
  alone.send("GET /next HTTP/1.1\r\nHost: h\r\n\r\n");
  CHECK(alone.read_all().ends_with("GET /next 1|"));

  Connection pipelined;
  pipelined.send(
      "POST /let-go HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nhello"
      "GET /next HTTP/1.1\r\nHost: h\r\n\r\n");
  CHECK(pipelined.read_all().ends_with("GET /next 1|"));
}

TEST_CASE("a connection stays open as long as its client and the gateway wish", "[session]") {
  struct Row {
    std::string_view request;
    bool stays;
  };
  for (const Row& row : {Row{"GET /a HTTP/1.1\r\nHost: h\r\n\r\n", true},
                         Row{"GET /a HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n", false},
                         Row{"GET /a HTTP/1.0\r\n\r\n", false},
                         Row{"GET /a HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", true}}) {
    Connection connection;
    CAPTURE(row.request);
    connection.send(row.request);
    const std::string answer = connection.read_all();
    CHECK(status_line(answer) == "HTTP/1.1 200 OK");
    CHECK(connection.closed() != row.stays);
    CHECK((answer.find("Connection: close\r\n") == std::string::npos) == row.stays);
  }
}

TEST_CASE("a connection that waits holds no buffer between requests, and a small one within",
          "[session]") {
  Connection connection;
  CHECK(connection.held_bytes() == 0);
  connection.send("POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\n\r\nhalf");
  CHECK(connection.held_bytes() == small_buffer_bytes);
  connection.send("wholes");
  connection.read_all();
  CHECK(connection.served());
  CHECK(connection.held_bytes() == 0);
}

}  // namespace signalbox
