// A real Redis for tests, started the way production starts it, and what they need around it.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <catch2/catch.hpp>

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "store/fake/fake_store.hpp"
#include "store/redis/redis_store.hpp"
#include "store/server/embedded_redis.hpp"

namespace signalbox::testing {

inline Deadline in(Milliseconds time) { return std::chrono::steady_clock::now() + time; }
inline Deadline soon() { return in(std::chrono::seconds{10}); }

// A directory that goes with its owner. A deep one's path is longer than that of a unix socket may
// be.
class TempDir {
 public:
  explicit TempDir(bool deep = false);
  ~TempDir();
  TempDir(const TempDir&) = delete;
  TempDir& operator=(const TempDir&) = delete;
  const std::string& path() const noexcept { return path_; }

 private:
  std::string root_;
  std::string path_;
};

std::unique_ptr<EmbeddedRedis> start_redis_in(const TempDir& directory);

// One server for all tests of the run, empty for each.
EmbeddedRedis& shared_redis();

// Runs a task to its end on the io_context; fails the test when that takes longer than 20 seconds.
template <class T>
T run(boost::asio::io_context& io, Task<T> task) {
  std::optional<T> result;
  std::exception_ptr failure;
  boost::asio::co_spawn(io, std::move(task), [&](const std::exception_ptr& thrown, T value) {
    failure = thrown;
    result.emplace(std::move(value));
  });
  const auto deadline = in(std::chrono::seconds{20});
  io.restart();
  while (!result && std::chrono::steady_clock::now() < deadline) io.run_one_until(deadline);
  if (failure) std::rethrow_exception(failure);
  if (!result) throw std::runtime_error("a task did not end");
  return std::move(*result);
}

// The value; fails the test with the error where there is none.
template <class T>
T must(Result<T> result) {
  if (!result)
    throw std::runtime_error(std::string{describe(result.error().reason).name} + ": " +
                             result.error().detail);
  return std::move(*result);
}

// Runs a store's call that has to succeed.
template <class T>
T must_run(boost::asio::io_context& io, Task<Result<T>> task) {
  return must(run(io, std::move(task)));
}

// Works through what the io_context has to do until the condition holds; fails the test after ten
// seconds.
void run_until(boost::asio::io_context& io, const std::function<bool()>& condition);

// Appends one command.
void append_command(std::string& out, std::span<const std::string_view> arguments);

// A plain connection for what tests ask of Redis themselves.
class Direct {
 public:
  explicit Direct(RedisEndpoint endpoint) : connection_{io_, std::move(endpoint), nullptr} {}
  Reply operator()(const std::vector<std::string>& arguments);

 private:
  boost::asio::io_context io_;
  RedisConnection connection_;
};

// A clock that both stores read, Redis through a key. It starts at the time of now, and stands
// still.
struct TestClock final : Clock {
  Time now() const override { return time; }
  Time time = SystemClock{}.now();
};
inline constexpr std::string_view test_time_script =
    "local function now_ms() return tonumber(redis.call('GET', KEYS[1] .. 'now')) end\n";

// A commit of one event with one message for `mailbox`, all of it made from the number;
// deduplicated by id and digest.
Commit sample_commit(int number, const std::string& mailbox = "box");
std::string attempt_mark(int number);
std::string sample_event_id(int number);

}  // namespace signalbox::testing
