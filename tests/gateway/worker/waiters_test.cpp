// Long-polls: who is woken, and that no wake-up is lost.
#include "gateway/worker/waiters.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <catch2/catch.hpp>

#include <vector>

namespace signalbox {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;
using SteadyClock = std::chrono::steady_clock;

Task<void> wait_once(Waiters& waiters, asio::io_context& io, std::string mailbox, int name,
                     std::vector<int>& woken) {
  Waiter waiter{waiters, std::move(mailbox), io};
  const auto deadline = SteadyClock::now() + std::chrono::hours{1};
  co_await waiter.wait(deadline);
  woken.push_back(name);
}

}  // namespace

TEST_CASE("a message wakes one waiter of its mailbox, the longest waiting first", "[waiters]") {
  asio::io_context io;
  Waiters waiters;
  std::vector<int> woken;
  asio::co_spawn(io, wait_once(waiters, io, "reviewer", 1, woken), asio::detached);
  asio::co_spawn(io, wait_once(waiters, io, "reviewer", 2, woken), asio::detached);
  asio::co_spawn(io, wait_once(waiters, io, "coder", 3, woken), asio::detached);
  io.poll();
  CHECK(waiters.size() == 3);
  waiters.wake_one("reviewer");
  io.poll();
  CHECK(woken == std::vector<int>{1});
  waiters.wake_one("nobody");
  waiters.wake_one("coder");
  io.poll();
  CHECK(woken == std::vector<int>{1, 3});
  waiters.wake_one("reviewer");
  io.poll();
  CHECK(woken == std::vector<int>{1, 3, 2});
  CHECK(waiters.size() == 0);
}

TEST_CASE("two messages at once wake two waiters", "[waiters]") {
  asio::io_context io;
  Waiters waiters;
  std::vector<int> woken;
  asio::co_spawn(io, wait_once(waiters, io, "reviewer", 1, woken), asio::detached);
  asio::co_spawn(io, wait_once(waiters, io, "reviewer", 2, woken), asio::detached);
  io.poll();
  waiters.wake_one("reviewer");
  waiters.wake_one("reviewer");
  io.poll();
  CHECK(woken == std::vector<int>{1, 2});
}

TEST_CASE("a wake-up between registering and waiting is not lost", "[waiters]") {
  asio::io_context io;
  Waiters waiters;
  bool ended = false;
  const auto early = [&]() -> Task<void> {
    Waiter waiter{waiters, "reviewer", io};
    waiters.wake_one("reviewer");
    const auto deadline = SteadyClock::now() + std::chrono::hours{1};
    co_await waiter.wait(deadline);
    ended = true;
  };
  asio::co_spawn(io, early(), asio::detached);
  io.poll();
  CHECK(ended);
}

TEST_CASE("a wait ends at its deadline", "[waiters]") {
  asio::io_context io;
  Waiters waiters;
  std::vector<int> woken;
  asio::co_spawn(io, wait_once(waiters, io, "reviewer", 1, woken), asio::detached);
  io.poll();
  waiters.sweep(SteadyClock::now());
  io.poll();
  CHECK(woken.empty());
  waiters.sweep(SteadyClock::now() + std::chrono::hours{2});
  io.poll();
  CHECK(woken == std::vector<int>{1});
}

TEST_CASE("a waiter that pauses leaves messages to others, and hands on what it was woken for",
          "[waiters]") {
  asio::io_context io;
  Waiters waiters;
  std::vector<int> woken;
  Waiter full{waiters, "reviewer", io};
  asio::co_spawn(io, wait_once(waiters, io, "reviewer", 2, woken), asio::detached);
  io.poll();
  waiters.wake_one("reviewer");  // before it pauses
  bool resumed = false;
  const auto pausing = [&]() -> Task<void> {
    const auto deadline = SteadyClock::now() + std::chrono::hours{1};
    co_await full.pause(deadline);
    resumed = true;
  };
  asio::co_spawn(io, pausing(), asio::detached);
  io.poll();
  CHECK(woken == std::vector<int>{2});
  waiters.wake_one("reviewer");
  io.poll();
  CHECK_FALSE(resumed);
  waiters.wake_all();
  io.poll();
  CHECK(resumed);
}

TEST_CASE("a waiter that leaves hands on what it was woken for", "[waiters]") {
  asio::io_context io;
  Waiters waiters;
  std::vector<int> woken;
  {
    const Waiter leaving{waiters, "reviewer", io};
    asio::co_spawn(io, wait_once(waiters, io, "reviewer", 2, woken), asio::detached);
    io.poll();
    waiters.wake_one("reviewer");
    io.poll();
    CHECK(woken.empty());
  }
  io.poll();
  CHECK(woken == std::vector<int>{2});
}

TEST_CASE("a waiter that was woken for nothing waits behind the others", "[waiters]") {
  asio::io_context io;
  Waiters waiters;
  std::vector<int> woken;
  // As a long poll does that finds an empty mailbox.
  const auto ask_again = [&](int name) -> Task<void> {
    Waiter waiter{waiters, "reviewer", io};
    const auto deadline = SteadyClock::now() + std::chrono::hours{1};
    while (true) {
      co_await waiter.wait(deadline);
      woken.push_back(name);
    }
  };
  asio::co_spawn(io, ask_again(1), asio::detached);
  asio::co_spawn(io, ask_again(2), asio::detached);
  io.poll();
  for (int i = 0; i < 3; ++i) {
    waiters.wake_one("reviewer");
    io.poll();
  }
  CHECK(woken == std::vector<int>{1, 2, 1});
  waiters.abandon();
  io.poll();
}

TEST_CASE("a wait ends at its deadline and not behind it", "[waiters]") {
  asio::io_context io;
  Waiters waiters;
  bool ended = false;
  const auto deadline = SteadyClock::now() + std::chrono::seconds{1};
  const auto waiting = [&]() -> Task<void> {
    Waiter waiter{waiters, "reviewer", io};
    co_await waiter.wait(deadline);
    ended = true;
  };
  asio::co_spawn(io, waiting(), asio::detached);
  io.poll();
  waiters.sweep(deadline - std::chrono::nanoseconds{1});
  io.poll();
  CHECK_FALSE(ended);
  waiters.sweep(deadline);
  io.poll();
  CHECK(ended);
}

TEST_CASE("a mailbox that nothing is heard of is looked into every five seconds", "[waiters]") {
  asio::io_context io;
  Waiters waiters;
  std::vector<int> woken;
  const auto sweep = [&](SteadyClock::time_point now) {
    waiters.sweep(now);
    io.poll();
    return woken.size();
  };
  const auto before = SteadyClock::now();
  for (int i = 0; i < 3; ++i)
    asio::co_spawn(io, wait_once(waiters, io, "reviewer", i, woken), asio::detached);
  io.poll();
  const auto after = SteadyClock::now();
  CHECK(sweep(before + 5s - 1ms) == 0);
  CHECK(sweep(after + 5s) == 1);
  CHECK(sweep(after + 10s - 1ns) == 1);
  CHECK(sweep(after + 10s) == 2);
  waiters.abandon();
  io.poll();
}

TEST_CASE("of a thousand waiters one looks again now and then", "[waiters]") {
  asio::io_context io;
  Waiters waiters;
  std::vector<int> woken;
  for (int i = 0; i < 1000; ++i) {
    asio::co_spawn(io, wait_once(waiters, io, "reviewer", i, woken), asio::detached);
  }
  io.poll();
  const auto now = SteadyClock::now();
  waiters.sweep(now);
  io.poll();
  CHECK(woken.empty());
  waiters.sweep(now + slow_poll + std::chrono::seconds{1});
  waiters.sweep(now + slow_poll + std::chrono::seconds{2});
  io.poll();
  CHECK(woken == std::vector<int>{0});
  waiters.abandon();
  io.poll();
  CHECK(waiters.size() == 0);
  CHECK(woken == std::vector<int>{0});
}

}  // namespace signalbox
