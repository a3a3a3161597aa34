// A connection gives its thread back, whatever its peer sends and however fast: each kind of flood
// is fed to a session turn by turn, and is bounded in what one turn of it takes.
#include <fmt/format.h>
#include <catch2/catch.hpp>

#include <algorithm>
#include <string>
#include <vector>

#include "tests/gateway/http/raw_connection.hpp"

namespace signalbox {
namespace {

using namespace std::chrono_literals;
using test::Connection;
using test::test_limits;

constexpr std::string_view chunked_head =
    "POST /a HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n";

std::string repeated(std::string_view text, std::size_t count) {
  std::string all;
  for (std::size_t i = 0; i < count; ++i) all += text;
  return all;
}

// What a peer sends first, and what it sends from then on, without an end.
struct Flood {
  std::string_view claim;
  std::string first;
  std::string then;
};

const std::vector<Flood>& floods() {
  static const std::vector<Flood> all{
      {"requests", "", repeated("GET /a HTTP/1.1\r\nHost: h\r\n\r\n", 1'000)},
      {"requests with bodies", "",
       repeated("POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\n{}", 1'000)},
      {"a body", "POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: 100000000\r\n\r\n",
       std::string(50'000, 'b')},
      {"chunks", std::string{chunked_head}, "4000\r\n" + std::string(0x4000, 'c') + "\r\n"},
      {"chunks of one byte", std::string{chunked_head}, repeated("1\r\nx\r\n", 10'000)},
      {"chunks with extensions", std::string{chunked_head},
       repeated("10;a=b\r\n0123456789abcdef\r\n", 2'000)},
  };
  return all;
}

ListenerConfig patient_limits() {
  ListenerConfig limits = test_limits();
  limits.max_body = 200'000'000;
  return limits;
}

// A peer whose bytes never run out, for a session that is run turn by turn.
class Flooded {
 public:
  Flooded(const Flood& flood, const ListenerConfig& limits)
      : connection{limits}, flood_{flood}, rest_{flood.first} {}

  // One turn. Returns what the session has sent.
  std::string turn() {
    while (true) {
      if (rest_.empty()) rest_ = flood_.then;
      const std::size_t sent = connection.put(rest_);
      rest_.erase(0, sent);
      if (!rest_.empty()) break;
    }
    const std::size_t before = connection.unread();
    handled_before_ = connection.handler().handled;
    connection.step();
    read_bytes = before - std::min(before, connection.unread());
    handled = connection.handler().handled - handled_before_;
    return connection.take();
  }

  Connection connection;
  std::size_t read_bytes = 0;  // in the last turn
  std::size_t handled = 0;

 private:
  Flood flood_;
  std::string rest_;
  std::size_t handled_before_ = 0;
};

}  // namespace

TEST_CASE("whatever comes without an end, a turn takes one request and so many bytes",
          "[session]") {
  for (const Flood& flood : floods()) {
    CAPTURE(flood.claim);
    Flooded flooded{flood, patient_limits()};
    std::size_t read_bytes = 0;
    for (int turn = 0; turn < 500; ++turn) {
      flooded.turn();
      REQUIRE(flooded.handled <= 1);
      REQUIRE(flooded.read_bytes < 2 * turn_bytes_max);
      read_bytes += flooded.read_bytes;
    }
    CHECK(flooded.connection.served());
    CHECK(read_bytes > 0);
  }
}

TEST_CASE("an answer leaves in pieces, and others have their turn between them", "[session]") {
  Connection connection;
  connection.put("GET /large HTTP/1.1\r\nHost: h\r\n\r\n");
  std::size_t received = 0;
  std::size_t turns = 0;
  while (received < test::large_answer_bytes && turns < 1'000) {
    connection.step();
    const std::size_t piece = connection.take().size();
    REQUIRE(piece <= turn_bytes_max);
    received += piece;
    ++turns;
  }
  CHECK(received >= test::large_answer_bytes);
}

TEST_CASE("the deadline of a request holds though its bytes never cease", "[session]") {
  for (const Flood& flood : floods()) {
    if (flood.first.empty()) continue;  // each of many requests has its own
    CAPTURE(flood.claim);
    SECTION(std::string{"swept: "} + std::string{flood.claim}) {
      Flooded flooded{flood, patient_limits()};
      for (int turn = 0; turn < 20; ++turn) REQUIRE(flooded.turn().empty());
      flooded.connection.sweep(20min);
      std::string answer;
      for (int turn = 0; turn < 20; ++turn) answer += flooded.turn();
      CHECK(answer.starts_with("HTTP/1.1 408 "));
    }
    SECTION(std::string{"seen where the loop turns: "} + std::string{flood.claim}) {
      ListenerConfig limits = patient_limits();
      limits.request_timeout = 10ms;
      Flooded flooded{flood, limits};
      const auto end = std::chrono::steady_clock::now() + 10s;
      std::string answer;
      while (answer.empty() && std::chrono::steady_clock::now() < end) answer += flooded.turn();
      CHECK(answer.starts_with("HTTP/1.1 408 "));
    }
  }
}

TEST_CASE("a flood of requests ends with the connection's longest life", "[session]") {
  ListenerConfig limits = patient_limits();
  limits.connection_timeout = 10ms;
  Flooded flooded{floods().front(), limits};
  const auto end = std::chrono::steady_clock::now() + 10s;
  std::string answers;
  while (answers.find("Connection: close\r\n") == std::string::npos &&
         std::chrono::steady_clock::now() < end) {
    answers += flooded.turn();
  }
  CHECK(answers.find("Connection: close\r\n") != std::string::npos);
  // And the bytes that follow do not hold up its end.
  flooded.connection.sweep(2s);
  for (int turn = 0; turn < 20; ++turn) flooded.turn();
  CHECK_FALSE(flooded.connection.served());
}

TEST_CASE("the 100th request in a row that is refused is the connection's last", "[session]") {
  const std::string refused = "GET /nowhere HTTP/1.1\r\nHost: h\r\n\r\n";
  const std::string good = "GET /a HTTP/1.1\r\nHost: h\r\n\r\n";
  Connection patient;
  patient.send(repeated(refused, 99) + good + repeated(refused, 99));
  CHECK(patient.read_all().find("Connection: close\r\n") == std::string::npos);
  CHECK_FALSE(patient.closed());
  CHECK(patient.handler().handled == 199);

  Connection connection;
  connection.send(repeated(refused, 101));
  CHECK(connection.read_all().find("Connection: close\r\n") != std::string::npos);
  CHECK(connection.closed());
  CHECK(connection.handler().handled == 100);
}

TEST_CASE("a request that comes alone waits for nobody's turn", "[session]") {
  Connection connection;
  connection.put("GET /a HTTP/1.1\r\nHost: h\r\n\r\n");
  int turns = 0;
  while (connection.step()) ++turns;
  CHECK(turns == 1);
  CHECK(connection.take().starts_with("HTTP/1.1 200 OK"));
}

}  // namespace signalbox
