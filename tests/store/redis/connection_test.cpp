// What happens when Redis is slow, gone, restarted or confused: each call ends by its deadline, and
// a write that was repeated after a lost reply is there once.
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>

#include <csignal>
#include <thread>

#include "tests/store/store_fixture.hpp"

namespace signalbox::testing {
namespace {

using namespace std::chrono_literals;

// Stops a process for as long as this lives.
struct Stopped {
  explicit Stopped(pid_t process) : pid{process} { ::kill(pid, SIGSTOP); }
  ~Stopped() { ::kill(pid, SIGCONT); }
  pid_t pid;
};

struct Observed final : ConnectionObserver {
  void on_round_trip(std::chrono::nanoseconds) override { ++round_trips; }
  void on_connected() override { ++connects; }
  void on_lost(const std::string& why) override {
    ++losses;
    last_loss = why;
  }
  int round_trips = 0;
  int connects = 0;
  int losses = 0;
  std::string last_loss;
};

// Passes bytes between one client at a time and Redis, on a thread of its own; breaks the
// connection when told to.
class Proxy {
 public:
  explicit Proxy(const RedisEndpoint& to) : to_{to.socket} {
    thread_ = std::thread([this] { serve(); });
  }
  ~Proxy() {
    ending_ = true;
    boost::system::error_code ignored;
    boost::asio::ip::tcp::socket{io_}.connect(acceptor_.local_endpoint(), ignored);
    thread_.join();
  }
  RedisEndpoint endpoint() const {
    return RedisEndpoint{"", "127.0.0.1", acceptor_.local_endpoint().port()};
  }

  // The next reply that is longer than a greeting's is swallowed, and the connection closed.
  void swallow_next_reply() { swallow_ = true; }
  int swallowed() const { return swallowed_; }

 private:
  using Client = boost::asio::ip::tcp::socket;
  using Server = boost::asio::local::stream_protocol::socket;

  void serve() {
    while (true) {
      Client client{io_};
      acceptor_.accept(client);
      if (ending_) return;
      Server server{io_};
      server.connect(boost::asio::local::stream_protocol::endpoint{to_});
      pass(client, server);
    }
  }
  void pass(Client& client, Server& server) {
    std::array<char, 65536> bytes;
    boost::system::error_code failed;
    while (!failed && !ending_) {
      // Strictly question and answer: that is all that these tests do through it.
      const std::size_t asked = client.read_some(boost::asio::buffer(bytes), failed);
      if (failed) return;
      boost::asio::write(server, boost::asio::buffer(bytes, asked), failed);
      const bool greeting = asked == 14;
      const std::size_t answered = server.read_some(boost::asio::buffer(bytes), failed);
      if (!greeting && swallow_.exchange(false)) {
        ++swallowed_;
        return;
      }
      boost::asio::write(client, boost::asio::buffer(bytes, answered), failed);
    }
  }

  std::string to_;
  boost::asio::io_context io_;
  boost::asio::ip::tcp::acceptor acceptor_{io_, {boost::asio::ip::make_address_v4("127.0.0.1"), 0}};
  std::atomic<bool> ending_{false};
  std::atomic<bool> swallow_{false};
  std::atomic<int> swallowed_{0};
  std::thread thread_;
};

struct ConnectionFixture {
  boost::asio::io_context io;
  EmbeddedRedis& redis = shared_redis();
  Observed observed;
  Direct direct{redis.endpoint()};
};

TEST_CASE_METHOD(ConnectionFixture, "a commit whose reply was lost is repeated and there once") {
  Proxy proxy{redis.endpoint()};
  RedisStore store{io, RedisStoreOptions{proxy.endpoint()}, &observed};
  must_run(io, store.commit(sample_commit(1), soon()));
  proxy.swallow_next_reply();
  const CommitResult result = must_run(io, store.commit(sample_commit(2), soon()));
  CHECK(proxy.swallowed() == 1);
  CHECK(result.status == CommitStatus::committed);
  CHECK(observed.losses == 1);
  CHECK(observed.connects == 2);
  CHECK(must_run(io, store.peek("box", 10, soon())).counts.ready == 2);
}

TEST_CASE_METHOD(ConnectionFixture,
                 "what was acknowledged before the reply was lost is reported as done") {
  Proxy proxy{redis.endpoint()};
  RedisStore store{io, RedisStoreOptions{proxy.endpoint()}};
  must_run(io, store.commit(sample_commit(1), soon()));
  const ReceiveRequest request{"box", 1, 0, 1min, 0};
  const Received received = must_run(io, store.receive(request, soon()));
  const std::vector<std::string> receipts{received.messages.at(0).receipt};
  const bool give_back = GENERATE(true, false);
  proxy.swallow_next_reply();
  const auto done = must_run(io, give_back ? store.give_back("box", receipts, soon())
                                           : store.acknowledge("box", receipts, soon()));
  CHECK(proxy.swallowed() == 1);
  CHECK(done == std::vector<bool>{true});
  CHECK(must_run(io, store.peek("box", 10, soon())).counts.ready == (give_back ? 1 : 0));
}

TEST_CASE_METHOD(ConnectionFixture,
                 "a receive whose reply was lost is not repeated: it would lease other messages") {
  Proxy proxy{redis.endpoint()};
  RedisStore store{io, RedisStoreOptions{proxy.endpoint()}};
  must_run(io, store.commit(sample_commit(1), soon()));
  must_run(io, store.commit(sample_commit(2), soon()));
  proxy.swallow_next_reply();
  const ReceiveRequest request{"box", 1, 0, 1min, 0};
  const auto received = run(io, store.receive(request, soon()));
  REQUIRE_FALSE(received.has_value());
  CHECK(received.error().reason == Reason::store_unavailable);
  CHECK(must_run(io, store.peek("box", 10, soon())).counts.leased == 1);
}

TEST_CASE_METHOD(ConnectionFixture, "scripts come back by themselves after SCRIPT FLUSH") {
  RedisStore store{io, RedisStoreOptions{redis.endpoint()}};
  must_run(io, store.commit(sample_commit(1), soon()));
  direct({"SCRIPT", "FLUSH"});
  CHECK(must_run(io, store.commit(sample_commit(2), soon())).status == CommitStatus::committed);
  direct({"SCRIPT", "FLUSH"});
  CHECK(must_run(io, store.peek("box", 10, soon())).counts.ready == 2);
}

TEST_CASE_METHOD(
    ConnectionFixture,
    "while Redis stands still a call ends at its deadline, and works again afterwards") {
  RedisStore store{io, RedisStoreOptions{redis.endpoint()}};
  must_run(io, store.commit(sample_commit(1), soon()));
  {
    const Stopped stopped{redis.pid()};
    const auto began = std::chrono::steady_clock::now();
    const auto result = run(io, store.commit(sample_commit(2), in(300ms)));
    const auto took = std::chrono::steady_clock::now() - began;
    REQUIRE_FALSE(result.has_value());
    CHECK(result.error().reason == Reason::store_unavailable);
    CHECK(took >= 300ms);
    CHECK(took < 2s);
  }
  CHECK(must_run(io, store.commit(sample_commit(3), soon())).status == CommitStatus::committed);
  // The one that was given up may have been executed meanwhile: then its own repetition says so.
  CHECK(must_run(io, store.commit(sample_commit(2), soon())).status == CommitStatus::committed);
  CHECK(must_run(io, store.peek("box", 10, soon())).counts.ready == 3);
}

// Sends one command and awaits what becomes of it.
Task<Answer> ask(RedisConnection& connection, std::string_view command) {
  const bool connected = co_await connection.wait_connected(soon());
  if (!connected) co_return Answer{Answer::End::not_sent, {}};
  CommandWriter{connection.output(), 1}.add(command);
  co_return co_await connection.submit(soon());
}

TEST_CASE_METHOD(ConnectionFixture,
                 "a server that is silent for too long is given up for a new connection") {
  ConnectionLimits limits;
  limits.silence_max = 200ms;
  RedisConnection connection{io, redis.endpoint(), &observed, limits};
  CHECK(run(io, ask(connection, "PING")).end == Answer::End::reply);
  {
    const Stopped stopped{redis.pid()};
    const auto began = std::chrono::steady_clock::now();
    CHECK(run(io, ask(connection, "PING")).end == Answer::End::lost);
    CHECK(std::chrono::steady_clock::now() - began >= limits.silence_max);
    CHECK(std::chrono::steady_clock::now() - began < 10 * limits.silence_max);
    CHECK(observed.losses == 1);
    CHECK(observed.last_loss.find("owed a reply") != std::string::npos);
  }
  CHECK(run(io, ask(connection, "PING")).end == Answer::End::reply);
}

TEST_CASE_METHOD(ConnectionFixture,
                 "a store is away once there was no connection for long enough") {
  ConnectionLimits limits;
  limits.away_after = 100ms;
  const TempDir directory;
  const auto began = std::chrono::steady_clock::now();
  RedisConnection connection{io, RedisEndpoint{directory.path() + "/none.sock", "", 0}, &observed,
                             limits};
  CHECK_FALSE(connection.away());
  run_until(io, [&] { return connection.away(); });
  CHECK(std::chrono::steady_clock::now() - began > limits.away_after);
  CHECK(std::chrono::steady_clock::now() - began < 10 * limits.away_after);
  RedisConnection other{io, redis.endpoint(), &observed, limits};
  CHECK(run(io, ask(other, "PING")).end == Answer::End::reply);
  CHECK_FALSE(other.away());
}

TEST_CASE_METHOD(ConnectionFixture,
                 "commands wait up to so many bytes of them, and so many of them") {
  ConnectionLimits limits;
  limits.in_flight_bytes_max = 3 * std::string_view{"*1\r\n$4\r\nPING\r\n"}.size();
  RedisConnection connection{io, redis.endpoint(), &observed, limits};
  CHECK(run(io, ask(connection, "PING")).end == Answer::End::reply);
  int sent = 0;
  int answered = 0;
  const auto one = [&]() -> Task<void> {
    ++sent;
    const Answer answer = co_await ask(connection, "PING");
    answered += answer.end == Answer::End::reply;
  };
  const Stopped stopped{redis.pid()};
  for (int i = 1; i <= 3; ++i) {
    CHECK(connection.has_room());
    boost::asio::co_spawn(io, one(),
                          [](const std::exception_ptr& failure) { CHECK_FALSE(failure); });
    run_until(io, [&] { return sent == i; });
  }
  CHECK_FALSE(connection.has_room());
  ::kill(redis.pid(), SIGCONT);
  run_until(io, [&] { return answered == 3; });
  CHECK(connection.has_room());
}

TEST_CASE_METHOD(ConnectionFixture,
                 "many calls at once share the connection, and each gets its own answer") {
  RedisStore store{io, RedisStoreOptions{redis.endpoint()}, &observed};
  int committed = 0;
  const auto one = [&](int number) -> Task<void> {
    const Commit commit = sample_commit(number);
    const auto result = co_await store.commit(commit, soon());
    committed += result && result->status == CommitStatus::committed;
    const auto event = co_await store.event(commit.record.event, soon());
    const bool own = event && *event && (*event)->record == commit.record.json;
    committed += own;
  };
  for (int i = 0; i < 1'000; ++i) {
    boost::asio::co_spawn(io, one(i),
                          [](const std::exception_ptr& failure) { CHECK_FALSE(failure); });
  }
  run_until(io, [&] { return committed == 2'000; });
  CHECK(observed.connects == 1);
  CHECK(observed.round_trips >= 2'000);
}

TEST_CASE_METHOD(ConnectionFixture, "more calls than may wait are told so at once") {
  RedisStore store{io, RedisStoreOptions{redis.endpoint()}};
  must_run(io, store.ping(soon()));
  const Stopped stopped{redis.pid()};
  std::size_t ended = 0;
  std::size_t overloaded = 0;
  const auto one = [&]() -> Task<void> {
    const auto result = co_await store.ping(in(200ms));
    ++ended;
    overloaded += !result && result.error().reason == Reason::overloaded;
  };
  for (std::size_t i = 0; i < ConnectionLimits{}.in_flight_max + 10; ++i) {
    boost::asio::co_spawn(io, one(),
                          [](const std::exception_ptr& failure) { CHECK_FALSE(failure); });
  }
  run_until(io, [&] { return ended == ConnectionLimits{}.in_flight_max + 10; });
  CHECK(overloaded == 10);
}

TEST_CASE("a call waits for a connection that is made, and ends at its deadline where none is") {
  boost::asio::io_context io;
  const TempDir directory;
  Observed observed;
  RedisStore store{io, RedisStoreOptions{RedisEndpoint{directory.path() + "/none.sock", "", 0}},
                   &observed};
  const auto result = run(io, store.ping(in(100ms)));
  REQUIRE_FALSE(result.has_value());
  CHECK(result.error().reason == Reason::store_unavailable);
  CHECK(observed.losses >= 1);
  CHECK(observed.last_loss.find("none.sock") != std::string::npos);
}

TEST_CASE("a server that does not speak the protocol is no Redis") {
  boost::asio::io_context io;
  boost::asio::ip::tcp::acceptor acceptor{io, {boost::asio::ip::make_address_v4("127.0.0.1"), 0}};
  acceptor.async_accept([](const boost::system::error_code&, boost::asio::ip::tcp::socket client) {
    boost::asio::write(client,
                       boost::asio::buffer(std::string_view{"HTTP/1.1 400 Bad Request\r\n\r\n"}));
  });
  Observed observed;
  const RedisEndpoint endpoint{"", "127.0.0.1", acceptor.local_endpoint().port()};
  RedisStore store{io, RedisStoreOptions{endpoint}, &observed};
  CHECK_FALSE(run(io, store.ping(in(200ms))).has_value());
  CHECK(observed.connects == 0);
  CHECK(observed.last_loss.find("protocol") != std::string::npos);
}

// Answers each connection's greeting, and writes more behind that answer, unasked.
class EarlyServer {
 public:
  EarlyServer(boost::asio::io_context& io, std::string more)
      : acceptor_{io, {boost::asio::ip::make_address_v4("127.0.0.1"), 0}}, more_{std::move(more)} {
    accept();
  }
  RedisEndpoint endpoint() const {
    return RedisEndpoint{"", "127.0.0.1", acceptor_.local_endpoint().port()};
  }

 private:
  void accept() {
    acceptor_.async_accept(
        [this](const boost::system::error_code& failed, boost::asio::ip::tcp::socket client) {
          if (failed) return;
          boost::asio::write(client, boost::asio::buffer("+PONG\r\n" + more_));
          clients_.push_back(std::move(client));
          accept();
        });
  }
  boost::asio::ip::tcp::acceptor acceptor_;
  std::string more_;
  std::vector<boost::asio::ip::tcp::socket> clients_;
};

TEST_CASE("a reply that comes before its question confirms nothing") {
  std::string flood;
  for (int i = 0; i < 5'000; ++i) flood += ":0\r\n";
  for (const std::string& more : {std::string{":0\r\n"}, std::string{":0\r\n:0\r\n"}, flood}) {
    boost::asio::io_context io;
    EarlyServer server{io, more};
    Observed observed;
    RedisStore store{io, RedisStoreOptions{server.endpoint()}, &observed};
    const auto result = run(io, store.commit(sample_commit(1), in(300ms)));
    REQUIRE_FALSE(result.has_value());
    CHECK(result.error().reason == Reason::store_unavailable);
    CHECK(observed.last_loss == "Redis sent a reply that nobody had asked for");
    CHECK(observed.connects < 20);  // each waits longer
  }
}

TEST_CASE("a Redis that takes no more writes is refused, and reading and acknowledging go on") {
  const TempDir directory;
  const auto redis = start_redis_in(directory);
  Direct direct{redis->endpoint()};
  boost::asio::io_context io;
  RedisStore store{io, RedisStoreOptions{redis->endpoint()}};
  must_run(io, store.commit(sample_commit(1), soon()));
  direct({"CONFIG", "SET", "maxmemory", "1"});
  const auto result = run(io, store.commit(sample_commit(2), in(300ms)));
  REQUIRE_FALSE(result.has_value());
  CHECK(result.error().reason == Reason::store_refused);
  CHECK(must_run(io, store.event(sample_event_id(1), soon())));
  // A mailbox can be read empty all the same.
  const ReceiveRequest request{"box", 10, 0, 1min, 0};
  const Received received = must_run(io, store.receive(request, soon()));
  const std::vector<std::string> receipts{received.messages.at(0).receipt};
  CHECK(must_run(io, store.acknowledge("box", receipts, soon())) == std::vector<bool>{true});
  direct({"CONFIG", "SET", "maxmemory", "0"});
  CHECK(must_run(io, store.commit(sample_commit(2), soon())).status == CommitStatus::committed);
}

TEST_CASE("a replica is left for another connection until the deadline, then refused") {
  const TempDir directory;
  const auto redis = start_redis_in(directory);
  Direct direct{redis->endpoint()};
  boost::asio::io_context io;
  RedisStore store{io, RedisStoreOptions{redis->endpoint()}};
  direct({"REPLICAOF", "127.0.0.1", "1"});
  const auto refused = run(io, store.commit(sample_commit(1), in(300ms)));
  REQUIRE_FALSE(refused.has_value());
  CHECK(refused.error().reason == Reason::store_refused);
  direct({"REPLICAOF", "NO", "ONE"});
  CHECK(must_run(io, store.commit(sample_commit(1), soon())).status == CommitStatus::committed);
}

TEST_CASE("the server says what it promises") {
  const TempDir directory;
  const auto redis = start_redis_in(directory);
  Direct direct{redis->endpoint()};
  boost::asio::io_context io;
  RedisStore store{io, RedisStoreOptions{redis->endpoint()}};
  ServerFacts facts = must_run(io, store.inspect(soon()));
  CHECK_FALSE(refuse_server(facts));
  CHECK(describe_durability(facts) ==
        "append-only file, fsync always: nothing that was acknowledged is lost");
  direct({"CONFIG", "SET", "maxmemory-policy", "allkeys-lru"});
  facts = must_run(io, store.inspect(soon()));
  REQUIRE(refuse_server(facts));
  CHECK(refuse_server(facts)->detail.find("allkeys-lru") != std::string::npos);
}

}  // namespace
}  // namespace signalbox::testing
