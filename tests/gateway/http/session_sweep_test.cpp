// To the moment: when a wait ends, that it ends once, and what a session may hold meanwhile.
#include <catch2/catch.hpp>

#include "gateway/http/session_list.hpp"
#include "tests/gateway/http/raw_connection.hpp"

namespace signalbox {
namespace {

using namespace std::chrono_literals;
using Steady = std::chrono::steady_clock;

struct Waiting final : OpenSession {
  explicit Waiting(SessionList& list) : OpenSession{Listener::hooks, {}}, list_{list} {
    list_.add(*this);
  }
  ~Waiting() override { list_.remove(*this); }
  void idle(Milliseconds limit) { enter(Phase::idle, limit); }
  void read(Milliseconds limit) { enter(Phase::reading, limit); }
  void handle() { enter_unbounded(Phase::handling); }
  bool timed_out() const { return timed_out_; }
  void cancel() override { ++ended; }

  int ended = 0;

 private:
  SessionList& list_;
};

}  // namespace

TEST_CASE("a wait ends at its deadline, and once", "[sessions]") {
  SessionList list;
  Waiting session{list};
  session.idle(1h);
  const auto now = Steady::now();
  list.drain(now, 16s);  // which makes the deadline a moment that is known
  list.sweep(now + 1s - 1ns);
  CHECK(session.ended == 0);
  list.sweep(now + 1s);
  CHECK(session.ended == 1);
  CHECK(session.timed_out());
  list.sweep(now + 2s);
  CHECK(session.ended == 1);
}

TEST_CASE("a drain leaves the shorter of two deadlines", "[sessions]") {
  SessionList list;
  Waiting session{list};
  const auto before = Steady::now();
  session.read(100ms);
  list.drain(Steady::now(), 16s);
  list.sweep(before + 100ms - 1ms);
  CHECK(session.ended == 0);
  list.sweep(Steady::now() + 100ms);
  CHECK(session.ended == 1);
}

TEST_CASE("a wait that begins is not the one that was over", "[sessions]") {
  SessionList list;
  Waiting session{list};
  session.idle(1s);
  list.sweep(Steady::now() + 2s);
  REQUIRE(session.timed_out());
  session.handle();
  CHECK_FALSE(session.timed_out());
  list.sweep(Steady::now() + 24h);
  CHECK(session.ended == 1);
  session.read(1s);
  CHECK_FALSE(session.timed_out());
}

TEST_CASE("room for a body is made as its bytes arrive, not on the sender's word", "[session]") {
  auto limits = test::test_limits();
  limits.max_body = 64 * 1024 * 1024;
  test::Connection connection{limits};
  connection.send("POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: 67108864\r\n\r\n");
  CHECK(connection.held_bytes() <= buffer_bytes);
  connection.send(std::string(buffer_bytes + 1, 'b'));
  CHECK(connection.held_bytes() <= 3 * buffer_bytes);
  connection.send(std::string(4 * buffer_bytes, 'b'));
  CHECK(connection.held_bytes() <= 10 * buffer_bytes);
}

}  // namespace signalbox
