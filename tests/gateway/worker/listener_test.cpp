// The listening socket: who is given a connection, and what happens when there is no room or no
// descriptor for one.
#include "gateway/worker/listener.hpp"

#include <sys/resource.h>
#include <unistd.h>

#include <boost/asio/io_context.hpp>
#include <catch2/catch.hpp>

#include <array>
#include <memory>
#include <stdexcept>
#include <vector>

#include "tests/gateway/captured_log.hpp"

namespace signalbox {
namespace {

using namespace std::chrono_literals;
using SteadyClock = std::chrono::steady_clock;
namespace asio = boost::asio;

// A thread that serves nobody: it counts and closes.
struct Taker final : ConnectionTaker {
  std::size_t connections = 0;
  std::size_t taken = 0;
  std::size_t load(Listener listener) const noexcept override {
    return listener == Listener::hooks ? connections : 0;
  }
  void adopt(int socket, Listener, ConnectionShare share) override {
    ::close(socket);
    ++connections;
    ++taken;
    shares.push_back(std::move(share));
  }
  void make_room(Listener) override { ++asked_for_room; }
  std::vector<ConnectionShare> shares;
  int asked_for_room = 0;
};

ListenerConfig limited_to(std::uint32_t connections, std::uint32_t of_address = 1'000) {
  ListenerConfig config;
  config.listen = {"127.0.0.1", 0};
  config.max_connections = connections;
  config.max_connections_per_address = of_address;
  return config;
}

std::shared_ptr<const ListenerConfig> shared(ListenerConfig config) {
  return std::make_shared<const ListenerConfig>(std::move(config));
}

class Listening {
 public:
  explicit Listening(std::uint32_t connections) : Listening{limited_to(connections)} {}
  explicit Listening(ListenerConfig config)
      : socket{io, Listener::hooks, shared(std::move(config)), accounts, {&takers[0], &takers[1]}} {
    socket.start();
  }

  void connect() {
    clients.emplace_back(io);
    clients.back().connect({asio::ip::make_address("127.0.0.1"), socket.port()});
  }
  // Runs until it holds, for some seconds at most.
  template <class Condition>
  bool run_until(Condition holds) {
    const auto end = SteadyClock::now() + 5s;
    while (!holds()) {
      io.restart();
      if (io.run_one_until(end) == 0) return false;
    }
    return true;
  }
  std::size_t taken() const { return takers[0].taken + takers[1].taken; }

  asio::io_context io;
  AddressAccounts accounts;
  std::array<Taker, 2> takers;
  ListeningSocket socket;
  std::vector<asio::ip::tcp::socket> clients;
};

// No file can be opened while this lives.
class NoDescriptors {
 public:
  NoDescriptors() {
    ::getrlimit(RLIMIT_NOFILE, &before_);
    const int lowest = ::dup(0);
    if (lowest < 0) throw std::runtime_error("dup failed");
    ::close(lowest);
    rlimit none = before_;
    none.rlim_cur = static_cast<rlim_t>(lowest);
    ::setrlimit(RLIMIT_NOFILE, &none);
  }
  ~NoDescriptors() { ::setrlimit(RLIMIT_NOFILE, &before_); }
  NoDescriptors(const NoDescriptors&) = delete;
  NoDescriptors& operator=(const NoDescriptors&) = delete;

 private:
  rlimit before_{};
};

}  // namespace

TEST_CASE("a connection goes to the thread that has the fewest", "[listener]") {
  Listening listening{100};
  listening.takers[0].connections = 3;
  for (int i = 0; i < 3; ++i) listening.connect();
  REQUIRE(listening.run_until([&] { return listening.taken() == 3; }));
  CHECK(listening.takers[0].taken == 0);
  CHECK(listening.takers[1].taken == 3);
  for (int i = 0; i < 2; ++i) listening.connect();
  REQUIRE(listening.run_until([&] { return listening.taken() == 5; }));
  CHECK(listening.takers[0].taken == 1);
  CHECK(listening.takers[1].taken == 4);
}

TEST_CASE("at max_connections idle ones are ended for new ones, and beyond it a few are taken",
          "[listener]") {
  Listening listening{4};
  listening.takers[0].connections = 1;
  listening.takers[1].connections = 2;
  listening.connect();
  REQUIRE(listening.run_until([&] { return listening.taken() == 1; }));
  CHECK(listening.takers[1].asked_for_room == 0);
  listening.connect();
  REQUIRE(listening.run_until([&] { return listening.taken() == 2; }));
  CHECK(listening.takers[0].asked_for_room + listening.takers[1].asked_for_room == 1);
  CHECK(listening.socket.refused() == 0);
}

TEST_CASE("where nothing ends for new connections they are closed and counted", "[listener]") {
  Listening listening{4};
  listening.takers[0].connections = 4 + 64 - 1;
  listening.connect();
  REQUIRE(listening.run_until([&] { return listening.taken() == 1; }));
  CHECK(listening.socket.refused() == 0);
  listening.connect();
  REQUIRE(listening.run_until([&] { return listening.socket.refused() == 1; }));
  CHECK(listening.taken() == 1);
  // The refused client reads the end.
  char byte = 0;
  boost::system::error_code failed;
  listening.clients.back().read_some(asio::buffer(&byte, 1), failed);
  CHECK(failed);

  listening.socket.use(shared(limited_to(5)));
  listening.connect();
  REQUIRE(listening.run_until([&] { return listening.taken() == 2; }));
}

TEST_CASE("an address has so many connections, one more is closed and counted", "[listener]") {
  Listening listening{limited_to(100, 2)};
  for (int i = 0; i < 2; ++i) listening.connect();
  REQUIRE(listening.run_until([&] { return listening.taken() == 2; }));
  listening.connect();
  REQUIRE(listening.run_until([&] { return listening.socket.refused_of_address() == 1; }));
  CHECK(listening.taken() == 2);
  CHECK(listening.socket.refused() == 0);

  listening.takers[0].shares.clear();  // one of its connections ends
  listening.connect();
  REQUIRE(listening.run_until([&] { return listening.taken() == 3; }));
}

TEST_CASE("a trusted proxy may have all connections", "[listener]") {
  ListenerConfig config = limited_to(100, 1);
  REQUIRE(config.trusted_proxies.add("127.0.0.0/8").has_value());
  Listening listening{std::move(config)};
  for (int i = 0; i < 3; ++i) listening.connect();
  REQUIRE(listening.run_until([&] { return listening.taken() == 3; }));
  CHECK(listening.socket.refused_of_address() == 0);
}

TEST_CASE("whatever the configuration says, no more connections than are allowed", "[listener]") {
  Listening listening{100};
  listening.socket.allow(8);
  listening.takers[0].connections = 7;
  listening.connect();
  REQUIRE(listening.run_until([&] { return listening.taken() == 1; }));
  listening.connect();
  REQUIRE(listening.run_until([&] { return listening.socket.refused() == 1; }));
}

TEST_CASE("without a descriptor for a connection it pauses, and takes it later", "[listener]") {
  Listening listening{100};
  const test::CapturedLog log;
  listening.connect();
  const auto failed_at = SteadyClock::now();
  {
    const NoDescriptors none;
    REQUIRE(listening.run_until([&] { return log.has("accept failed"); }));
  }
  CHECK(listening.taken() == 0);
  REQUIRE(listening.run_until([&] { return listening.taken() == 1; }));
  CHECK(SteadyClock::now() - failed_at >= 100ms);
}

TEST_CASE("a closed socket takes no more connections, in a pause neither", "[listener]") {
  Listening listening{100};
  const std::uint16_t port = listening.socket.port();
  listening.socket.close();
  listening.io.restart();
  listening.io.poll();
  asio::ip::tcp::socket client{listening.io};
  boost::system::error_code refused;
  client.connect({asio::ip::make_address("127.0.0.1"), port}, refused);
  CHECK(refused == asio::error::connection_refused);

  Listening pausing{100};
  const test::CapturedLog log;
  pausing.connect();
  {
    const NoDescriptors none;
    REQUIRE(pausing.run_until([&] { return log.has("accept failed"); }));
  }
  pausing.socket.close();
  pausing.io.restart();
  pausing.io.run_for(5s);
  CHECK(pausing.io.stopped());  // nothing is left to wait for
  CHECK(pausing.taken() == 0);
}

TEST_CASE("an address that is taken is named", "[listener]") {
  Listening first{1};
  ListenerConfig same = limited_to(1);
  same.listen.port = first.socket.port();
  const std::string text =
      "cannot listen on 127.0.0.1:" + std::to_string(same.listen.port) + ": Address already in use";
  CHECK_THROWS_WITH(
      (ListeningSocket{
          first.io, Listener::hooks, shared(same), first.accounts, {&first.takers[0]}}),
      text);
}

}  // namespace signalbox
