// A worker's connections from the socket to the handler, and how it drains. Its thread is not
// started: the test runs its io_context and moves its deadlines.
#include "gateway/worker/worker.hpp"

#include <sys/socket.h>
#include <unistd.h>

#include <catch2/catch.hpp>

#include <array>

#include "tests/gateway/worker_fixture.hpp"

namespace signalbox {
namespace {

using namespace std::chrono_literals;
using test::WorkerFixture;

// The client's end of a connection that a worker has adopted.
class Client {
 public:
  Client(WorkerFixture& fixture, Listener listener) : fixture_{fixture} {
    std::array<int, 2> ends{};
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends.data()) != 0)
      throw std::runtime_error("socketpair failed");
    socket_ = ends[0];
    fixture_.worker->adopt(ends[1], listener, {});
    fixture_.poll();
  }
  ~Client() { ::close(socket_); }
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  std::string ask(std::string_view request) {
    ::send(socket_, request.data(), request.size(), MSG_NOSIGNAL);
    fixture_.poll();
    std::array<char, 4096> bytes;
    const auto n = ::recv(socket_, bytes.data(), bytes.size(), 0);
    return n > 0 ? std::string(bytes.data(), static_cast<std::size_t>(n)) : std::string{};
  }

 private:
  WorkerFixture& fixture_;
  int socket_ = -1;
};

constexpr std::string_view alive = "GET /livez HTTP/1.1\r\nHost: h\r\n\r\n";

}  // namespace

TEST_CASE("a connection counts for its listener until it ends, and reaches its handler",
          "[worker]") {
  WorkerFixture fixture;
  Worker& worker = *fixture.worker;
  {
    Client api{fixture, Listener::api};
    Client hooks{fixture, Listener::hooks};
    CHECK(worker.load(Listener::api) == 1);
    CHECK(worker.load(Listener::hooks) == 1);
    CHECK(api.ask(alive).starts_with("HTTP/1.1 200 OK"));
    CHECK(hooks.ask(alive).starts_with("HTTP/1.1 404 Not Found"));
  }
  fixture.poll();
  CHECK(worker.load(Listener::api) == 0);
  CHECK(worker.load(Listener::hooks) == 0);
}

TEST_CASE("a drain ends idle connections after a second, and is done when none is left",
          "[worker]") {
  WorkerFixture fixture;
  Client client{fixture, Listener::api};
  CHECK(client.ask(alive).starts_with("HTTP/1.1 200 OK"));
  bool drained = false;
  const auto now = std::chrono::steady_clock::now();
  fixture.worker->drain(25s, [&] { drained = true; });
  fixture.poll();
  fixture.sweep(now + 900ms);
  CHECK_FALSE(drained);
  fixture.sweep(std::chrono::steady_clock::now() + 1s);
  CHECK(drained);
  CHECK(fixture.worker->load(Listener::api) == 0);
}

TEST_CASE("a drain gives up a request that is not whole after a second", "[worker]") {
  // It has longer than that by its own deadlines.
  WorkerFixture fixture{"hooks: {header_timeout: 5m, request_timeout: 30m}\n"};
  Client client{fixture, Listener::hooks};
  client.ask("POST /hooks/github HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\n\r\nhalf");
  bool drained = false;
  fixture.worker->drain(60s, [&] { drained = true; });
  fixture.poll();
  const auto now = std::chrono::steady_clock::now();
  fixture.sweep(now + 900ms);
  CHECK(client.ask("").empty());
  CHECK_FALSE(drained);
  fixture.sweep(now + 1s);
  const std::string answer = client.ask("");
  CHECK(answer.starts_with("HTTP/1.1 503 Service Unavailable"));
  CHECK(answer.find("\"reason\":\"draining\"") != std::string::npos);
  fixture.sweep(std::chrono::steady_clock::now() + 1s);
  CHECK(drained);
}

TEST_CASE("a worker without connections is drained at once", "[worker]") {
  WorkerFixture fixture;
  bool drained = false;
  fixture.worker->drain(25s, [&] { drained = true; });
  fixture.poll();
  CHECK(drained);
}

TEST_CASE("requests that begin after a reload use the new configuration", "[worker]") {
  WorkerFixture fixture;
  auto changed = std::make_shared<Config>(*fixture.worker->runtime->config);
  changed->sources.clear();
  changed->api.max_header = 20;
  fixture.worker->use(std::make_shared<const Runtime>(changed, fixture.worker->runtime.get()));
  fixture.poll();
  CHECK(fixture.hooks(test::pull_request()).status == 404);
  Client client{fixture, Listener::api};
  CHECK(client.ask(alive).starts_with("HTTP/1.1 431 "));
}

TEST_CASE("a store of a namespace is opened once, when it is first asked for", "[worker]") {
  std::vector<std::string> opened;
  test::MovedClock clock;
  const auto make = [&] { return std::make_unique<FakeStore>(clock); };
  Stores stores{"main", make(), [&](const std::string& space) {
                  opened.push_back(space);
                  return make();
                }};
  Store& main = stores.of("main");
  CHECK(opened.empty());
  Store& blue = stores.of("blue");
  CHECK(&blue != &main);
  CHECK(&stores.of("blue") == &blue);
  CHECK(&stores.of("main") == &main);
  CHECK(opened == std::vector<std::string>{"blue"});
}

}  // namespace signalbox
