// What a session takes and for how long it waits, each bound from both sides. Time is moved by
// hand.
#include <fmt/format.h>
#include <catch2/catch.hpp>

#include <string>

#include "tests/gateway/http/raw_connection.hpp"

namespace signalbox {
namespace {

using namespace std::chrono_literals;
using test::Connection;
using test::test_limits;

constexpr std::string_view whole_request = "GET /a HTTP/1.1\r\nHost: h\r\n\r\n";

std::string status_of(const std::string& answer) {
  return answer.size() < 12 ? answer : answer.substr(9, 3);
}

std::string status_after(std::string_view bytes) {
  Connection connection;
  connection.send(bytes);
  return status_of(connection.read_all());
}

// A head of so many bytes.
std::string head_of(std::size_t bytes) {
  const std::string start = "GET /a HTTP/1.1\r\nHost: h\r\nX: ";
  return start + std::string(bytes - start.size() - 4, 'x') + "\r\n\r\n";
}

std::string with_fields(int count) {
  std::string bytes = "GET /a HTTP/1.1\r\nHost: h\r\n";
  for (int i = 1; i < count; ++i) bytes += fmt::format("A{}: b\r\n", i);
  return bytes + "\r\n";
}

std::string with_body(std::size_t bytes) {
  return fmt::format("POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: {}\r\n\r\n{}", bytes,
                     std::string(bytes, 'b'));
}

std::string in_chunks(std::size_t first, std::size_t second) {
  return fmt::format(
      "POST /a HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: "
      "chunked\r\n\r\n{:x}\r\n{}\r\n{:x}\r\n{}\r\n0\r\n\r\n",
      first, std::string(first, 'c'), second, std::string(second, 'c'));
}

}  // namespace

TEST_CASE("a head of max_header bytes is taken, one byte more is not", "[session]") {
  CHECK(status_after(head_of(2'048)) == "200");
  CHECK(status_after(head_of(2'049)) == "431");
  // Refused before its end has come.
  CHECK(status_after(head_of(2'053).substr(0, 2'048)).empty());
  CHECK(status_after(head_of(2'053).substr(0, 2'049)) == "431");
}

TEST_CASE("100 header fields are taken, one more is not", "[session]") {
  CHECK(status_after(with_fields(100)) == "200");
  CHECK(status_after(with_fields(101)) == "431");
}

TEST_CASE("a body of max_body bytes is taken, one byte more is not", "[session]") {
  CHECK(status_after(with_body(100'000)) == "200");
  CHECK(status_after("POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: 100001\r\n\r\n") == "413");
  CHECK(status_after(in_chunks(99'999, 1)) == "200");
  CHECK(status_after(in_chunks(99'999, 2)) == "413");
}

TEST_CASE("requests hold memory up to the thread's bound, and beyond it are told to come back",
          "[session]") {
  const std::string request = with_body(100'000);
  for (const std::size_t missing : {0, 1}) {
    Connection connection{test_limits(), request.size() - missing};
    connection.send(request.substr(0, 90'000));
    connection.finish_sending();
    CHECK(status_of(connection.read_all()) == (missing == 0 ? "" : "503"));
  }
  Connection whole{test_limits(), request.size()};
  whole.send(request);
  CHECK(status_of(whole.read_all()) == "200");
  CHECK(whole.held_bytes() == 0);
}

TEST_CASE("a decoded body counts as memory of its request", "[session]") {
  Connection connection{test_limits(), buffer_bytes + 50'000};
  connection.send(in_chunks(60'000, 1));
  CHECK(status_of(connection.read_all()) == "503");
  connection.cut_off();
  CHECK(connection.held_bytes() == 0);
}

TEST_CASE("headers have header_timeout from their first byte on", "[session]") {
  Connection connection;
  connection.send("POST /a HTTP/1.1\r\nHo");
  connection.pass(9min);
  CHECK(connection.read_all().empty());
  CHECK_FALSE(connection.closed());
  connection.pass(10min);
  CHECK(status_of(connection.read_all()) == "408");
  CHECK(connection.closed());
  REQUIRE(connection.handler().refusals.size() == 1);
  CHECK(connection.handler().refusals[0].first == Reason::request_timeout);
}

TEST_CASE("the second request of a connection has header_timeout as well", "[session]") {
  Connection connection;
  connection.send(whole_request);
  CHECK(status_of(connection.read_all()) == "200");
  connection.send("POST /a HTTP/1.1\r\nHo");
  connection.pass(9min);
  CHECK(connection.read_all().empty());
  connection.pass(10min);
  CHECK(status_of(connection.read_all()) == "408");
}

TEST_CASE("a request has request_timeout from its first byte to the end of its body", "[session]") {
  Connection connection;
  connection.send("POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\n\r\nhalf");
  connection.pass(19min);
  CHECK(connection.read_all().empty());
  CHECK_FALSE(connection.closed());
  connection.pass(20min);
  CHECK(status_of(connection.read_all()) == "408");
  REQUIRE(connection.handler().refusals.size() == 1);
  CHECK(connection.handler().refusals[0].second == "/a");
}

TEST_CASE("who was told to continue has as long as anybody", "[session]") {
  Connection connection;
  connection.send(
      "POST /a HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 10\r\n\r\n");
  CHECK(status_of(connection.read_all()) == "100");
  connection.pass(19min);
  CHECK(connection.read_all().empty());
  connection.pass(20min);
  CHECK(status_of(connection.read_all()) == "408");
}

TEST_CASE("a connection without requests is closed after idle_timeout, without an answer",
          "[session]") {
  for (const bool first : {true, false}) {
    Connection connection;
    if (!first) {
      connection.send(whole_request);
      CHECK(status_of(connection.read_all()) == "200");
    }
    connection.pass(29min);
    CHECK(connection.served());
    connection.pass(30min);
    CHECK_FALSE(connection.served());
    CHECK(connection.read_all().empty());
    CHECK(connection.closed());
    CHECK(connection.handler().refusals.empty());
  }
}

TEST_CASE("the answer to a request after connection_timeout is the last", "[session]") {
  ListenerConfig limits = test_limits();
  limits.connection_timeout = 0ms;
  Connection old{limits};
  old.send(whole_request);
  CHECK(old.read_all().find("Connection: close\r\n") != std::string::npos);
  CHECK(old.closed());

  Connection young;
  const auto before = std::chrono::steady_clock::now();
  young.send(whole_request);
  CHECK(young.read_all().find("Connection: close\r\n") == std::string::npos);
  CHECK_FALSE(young.closed());
  // A stream ends with the connection's longest life.
  CHECK(young.handler().ends <= before + 1h);
  CHECK(young.handler().ends > before + 59min);
}

TEST_CASE("a handler is not bound by the deadlines of reading", "[session]") {
  Connection connection;
  connection.send("GET /stream HTTP/1.0\r\n\r\n");
  CHECK(status_of(connection.read_all()) == "200");
}

TEST_CASE("a client that reads no answer is given up after the write deadline", "[session]") {
  Connection connection;
  connection.send("GET /large HTTP/1.1\r\nHost: h\r\n\r\n");
  connection.pass(20s);
  CHECK(connection.served());
  connection.pass(30s);
  CHECK_FALSE(connection.served());
}

TEST_CASE("after the last answer a client has two seconds to close", "[session]") {
  Connection connection;
  connection.send("GET /a HTTP/1.0\r\n\r\n");
  CHECK(status_of(connection.read_all()) == "200");
  connection.pass(1s);
  CHECK(connection.served());
  connection.pass(2s);
  CHECK_FALSE(connection.served());
}

TEST_CASE("a drain answers what is on its way, and closes", "[session]") {
  const auto now = std::chrono::steady_clock::now();
  Connection idle;
  idle.sessions().drain(now, 25s);
  idle.pass(900ms);
  CHECK(idle.served());
  idle.send(whole_request);
  CHECK(idle.read_all().find("Connection: close\r\n") != std::string::npos);

  Connection silent;
  silent.sessions().drain(now, 25s);
  silent.pass(1s);
  CHECK_FALSE(silent.served());
}

TEST_CASE("a request has a second to be whole in a drain, and is told why it was given up",
          "[session]") {
  const std::string head = "POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\n\r\n";
  for (const std::string& half : {head.substr(0, 20), head + "half"}) {
    for (const bool before : {true, false}) {
      CAPTURE(half, before);
      Connection connection;
      if (before) connection.send(half);
      connection.sessions().drain(std::chrono::steady_clock::now(), 25s);
      if (!before) connection.send(half);
      connection.pass(900ms);
      CHECK(connection.read_all().empty());
      connection.pass(1s);
      CHECK(status_of(connection.read_all()) == "503");
      REQUIRE(connection.handler().refusals.size() == 1);
      CHECK(connection.handler().refusals[0].first == Reason::draining);
    }
  }
}

TEST_CASE("in a drain an answer has five seconds to leave, and one to be read", "[session]") {
  for (const bool before : {true, false}) {
    CAPTURE(before);
    Connection slow;
    if (before) slow.send("GET /large HTTP/1.1\r\nHost: h\r\n\r\n");
    slow.sessions().drain(std::chrono::steady_clock::now(), 25s);
    if (!before) slow.send("GET /large HTTP/1.1\r\nHost: h\r\n\r\n");
    slow.pass(4'900ms);
    CHECK(slow.served());
    slow.pass(5s);
    CHECK_FALSE(slow.served());

    Connection lingering;
    if (before) lingering.send("GET /a HTTP/1.0\r\n\r\n");
    lingering.sessions().drain(std::chrono::steady_clock::now(), 25s);
    if (!before) lingering.send("GET /a HTTP/1.0\r\n\r\n");
    lingering.pass(900ms);
    CHECK(lingering.served());
    lingering.pass(1s);
    CHECK_FALSE(lingering.served());
  }
}

TEST_CASE("a drain of 16 seconds gives each wait its time, a shorter one a part of it",
          "[session]") {
  SessionList sessions;
  CHECK(sessions.patience(10s, 1s) == 10s);
  sessions.drain(std::chrono::steady_clock::now(), 16s);
  CHECK(sessions.patience(10s, 1s) == 1s);
  CHECK(sessions.patience(500ms, 1s) == 500ms);
  SessionList hasty;
  hasty.drain(std::chrono::steady_clock::now(), 4s);
  CHECK(hasty.patience(10s, 1s) == 250ms);
  CHECK(hasty.patience(10s, 5s) == 1'250ms);
  SessionList at_once;
  at_once.drain(std::chrono::steady_clock::now(), 0s);
  CHECK(at_once.patience(10s, 1s) == 0s);
}

}  // namespace signalbox
