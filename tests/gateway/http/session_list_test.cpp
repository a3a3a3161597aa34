// Who has to give way when there is no room for a new connection.
#include "gateway/http/session_list.hpp"

#include <catch2/catch.hpp>

#include <deque>

namespace signalbox {
namespace {

using namespace std::chrono_literals;
using Steady = std::chrono::steady_clock;

struct Session final : OpenSession {
  Session(SessionList& list, Listener listener, std::shared_ptr<AddressAccount> account = {})
      : OpenSession{listener, ConnectionShare{std::move(account)}}, list_{list} {
    list_.add(*this);
  }
  ~Session() override { list_.remove(*this); }
  void idle() { enter(Phase::idle, 75s); }
  void read() { enter(Phase::reading, 10s); }
  void handle() { enter_unbounded(Phase::handling); }
  void cancel() override { ended = true; }

  bool ended = false;

 private:
  SessionList& list_;
};

std::shared_ptr<AddressAccount> known_address() {
  auto account = std::make_shared<AddressAccount>();
  account->know(Steady::now());
  return account;
}

}  // namespace

TEST_CASE("room is made of connections that do nothing, on the listener that needs it",
          "[sessions]") {
  SessionList list;
  Session idle{list, Listener::hooks}, other{list, Listener::api}, busy{list, Listener::hooks};
  idle.idle();
  other.idle();
  busy.handle();
  CHECK(list.make_room(Listener::hooks, Steady::now()) == 1);
  CHECK(idle.ended);
  CHECK_FALSE(other.ended);
  CHECK_FALSE(busy.ended);
  CHECK(list.make_room(Listener::hooks, Steady::now()) == 0);  // it is on its way already
}

TEST_CASE("who sends a request is left a second for it before others take the place",
          "[sessions]") {
  SessionList list;
  const auto before = Steady::now();
  Session slow{list, Listener::hooks};
  slow.read();
  CHECK(list.make_room(Listener::hooks, before + 1s - 1ms) == 0);
  CHECK(list.make_room(Listener::hooks, Steady::now() + 1s) == 1);
  CHECK(slow.ended);
}

TEST_CASE("at most so many give way at once: strangers first, idle ones first, longest idle first",
          "[sessions]") {
  SessionList list;
  std::deque<Session> strangers;
  for (std::size_t i = 0; i < 33; ++i) {
    strangers.emplace_back(list, Listener::hooks).idle();
  }
  Session reading{list, Listener::hooks}, known{list, Listener::hooks, known_address()};
  reading.read();
  known.idle();
  const auto later = Steady::now() + 5s;
  CHECK(list.make_room(Listener::hooks, later) == 32);
  CHECK(strangers.front().ended);
  CHECK_FALSE(strangers.back().ended);
  CHECK_FALSE(reading.ended);
  CHECK_FALSE(known.ended);
  CHECK(list.make_room(Listener::hooks, later) == 3);
  CHECK((strangers.back().ended && reading.ended && known.ended));
}

}  // namespace signalbox
