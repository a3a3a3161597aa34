// What happens when Redis answers "no": the probe that readiness asks, when the store counts as
// away, and what is said of errors that nobody expected.
#include <boost/asio/detached.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/write.hpp>

#include "tests/store/store_fixture.hpp"

namespace signalbox::testing {
namespace {

using namespace std::chrono_literals;

struct Fault {
  std::string_view name;
  std::vector<std::string> begin;
  std::vector<std::string> end;
  std::string_view word;
};

const Fault faults[] = {
    {"memory", {"CONFIG", "SET", "maxmemory", "1"}, {"CONFIG", "SET", "maxmemory", "0"}, "OOM"},
    {"replica", {"REPLICAOF", "127.0.0.1", "1"}, {"REPLICAOF", "NO", "ONE"}, "READONLY"},
    {"replicas",
     {"CONFIG", "SET", "min-replicas-to-write", "1"},
     {"CONFIG", "SET", "min-replicas-to-write", "0"},
     "NOREPLICAS"},
};

TEST_CASE("a probe is refused where a write would be, and changes nothing") {
  const TempDir directory;
  const auto redis = start_redis_in(directory);
  Direct direct{redis->endpoint()};
  boost::asio::io_context io;
  RedisStore store{io, RedisStoreOptions{redis->endpoint()}};
  CHECK(must_run(io, store.probe_write(soon())));
  for (const Fault& fault : faults) {
    INFO(fault.name);
    direct(fault.begin);
    const auto refused = run(io, store.probe_write(soon()));
    direct(fault.end);
    REQUIRE_FALSE(refused.has_value());
    CHECK(refused.error().reason == Reason::store_refused);
    CHECK(refused.error().detail.find(fault.word) != std::string::npos);
    CHECK(must_run(io, store.probe_write(soon())));
  }
  CHECK(direct({"DBSIZE"}).integer == 0);
}

TEST_CASE(
    "a store that says no for a second is away: commits that have a spool are given up at once, "
    "and it is back when it takes writes, without one") {
  const TempDir directory;
  const auto redis = start_redis_in(directory);
  Direct direct{redis->endpoint()};
  int number = 1;
  for (const Fault& fault : faults) {
    INFO(fault.name);
    const Commit commit = sample_commit(++number);
    boost::asio::io_context io;
    RedisStoreOptions options{redis->endpoint()};
    options.spooled = true;
    RedisStore store{io, options};
    must_run(io, store.commit(sample_commit(1), soon()));
    direct(fault.begin);
    const auto began = std::chrono::steady_clock::now();
    const auto refused = run(io, store.commit(commit, soon()));
    const auto took = std::chrono::steady_clock::now() - began;
    REQUIRE_FALSE(refused.has_value());
    CHECK(refused.error().reason == Reason::store_refused);
    CHECK(took >= RedisStore::patience);
    CHECK(took < 4 * RedisStore::patience);
    CHECK(store.away());
    CHECK((RedisStore{store, "blue"}.away()));
    direct(fault.end);
    run_until(io, [&] { return !store.away(); });
    CHECK(must_run(io, store.commit(commit, soon())).status == CommitStatus::committed);
  }
}

TEST_CASE("without a spool a store that says no is tried until the deadline") {
  const TempDir directory;
  const auto redis = start_redis_in(directory);
  Direct direct{redis->endpoint()};
  boost::asio::io_context io;
  RedisStore store{io, RedisStoreOptions{redis->endpoint()}};
  direct({"CONFIG", "SET", "maxmemory", "1"});
  const auto began = std::chrono::steady_clock::now();
  CHECK_FALSE(run(io, store.commit(sample_commit(1), in(1500ms))).has_value());
  CHECK(std::chrono::steady_clock::now() - began >= 1500ms);
}

// A server that answers each command with this error.
std::string answered_with(std::string_view error, Milliseconds patience = 300ms) {
  boost::asio::io_context io;
  boost::asio::ip::tcp::acceptor acceptor{io, {boost::asio::ip::make_address_v4("127.0.0.1"), 0}};
  const auto serve = [&]() -> Task<void> {
    const boost::asio::use_awaitable_t<boost::asio::io_context::executor_type> token;
    const auto no_throw = boost::asio::as_tuple(token);
    boost::asio::ip::tcp::socket client = co_await acceptor.async_accept(token);
    const std::string reply = "-" + std::string{error} + "\r\n";
    std::string greeting = "+PONG\r\n";
    char bytes[4096];
    const auto buffer = boost::asio::buffer(bytes);
    while (true) {
      const auto [failed, size] = co_await client.async_read_some(buffer, no_throw);
      if (failed) co_return;
      const std::string_view got{bytes, size};
      const bool greets = got.find("PING") != std::string_view::npos;
      boost::asio::write(client, boost::asio::buffer(greets ? greeting : reply));
    }
  };
  boost::asio::co_spawn(io, serve(), boost::asio::detached);
  RedisStore store{io, RedisStoreOptions{{"", "127.0.0.1", acceptor.local_endpoint().port()}}};
  const auto result = run(io, store.commit(sample_commit(1), in(patience)));
  if (result) return "taken";
  return std::string{describe(result.error().reason).name} + ": " + result.error().detail;
}

TEST_CASE("an error of Redis's is never a defect of ours, and tells no address") {
  for (const std::string_view word :
       {"ASK", "MOVED", "TRYAGAIN", "CLUSTERDOWN", "MASTERDOWN", "UNKILLABLE", "ERR", "NEWWORD"}) {
    INFO(word);
    const std::string said = answered_with(std::string{word} + " 3999 10.9.8.7:6381");
    CHECK(said.starts_with("store_"));
    CHECK(said.find("10.9") == std::string::npos);
    CHECK(said.find(word) != std::string::npos);
  }
}

}  // namespace
}  // namespace signalbox::testing
