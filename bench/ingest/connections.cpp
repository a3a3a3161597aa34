#include "bench/ingest/connections.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <stdexcept>
#include <string_view>
#include <system_error>

namespace signalbox::bench {
namespace {

using Clock = std::chrono::steady_clock;
constexpr std::size_t answer_bytes_max = std::size_t{64} * 1024;

[[noreturn]] void fail(const char* what) {
  throw std::system_error{errno, std::generic_category(), what};
}

struct Connection {
  int socket = -1;
  std::string request;
  std::string answer;
  Clock::time_point began;
};

int connect_to(std::uint16_t port) {
  const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::connect(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    fail("connect");
  }
  const int on = 1;
  ::setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  return socket;
}

// The size of the whole answer, once its head is there; 0 before.
std::size_t answer_size(std::string_view text) {
  const auto end = text.find("\r\n\r\n");
  if (end == std::string_view::npos) return 0;
  constexpr std::string_view name = "Content-Length: ";
  const auto field = text.substr(0, end).find(name);
  std::size_t length = 0;
  if (field != std::string_view::npos) {
    const char* digits = text.data() + field + name.size();
    std::from_chars(digits, text.data() + end, length);
  }
  return end + 4 + length;
}

class Driver {
 public:
  Driver(const Plan& plan, const std::function<void(std::uint64_t, std::string&)>& make)
      : plan_{plan},
        make_{make},
        epoll_{::epoll_create1(EPOLL_CLOEXEC)},
        connections_(plan.connections) {
    outcome_.latencies_us.reserve(plan.requests);
    for (Connection& connection : connections_) {
      connection.socket = connect_to(plan.port);
      epoll_event event{};
      event.events = EPOLLIN;
      event.data.ptr = &connection;
      if (::epoll_ctl(epoll_, EPOLL_CTL_ADD, connection.socket, &event) != 0) fail("epoll_ctl");
    }
  }
  ~Driver() {
    for (const Connection& connection : connections_) ::close(connection.socket);
    ::close(epoll_);
  }
  Driver(const Driver&) = delete;
  Driver& operator=(const Driver&) = delete;

  Outcome run() {
    const auto began = Clock::now();
    for (Connection& connection : connections_) send_next(connection);
    std::array<epoll_event, 256> events;
    while (outcome_.answered < plan_.requests) {
      if (Clock::now() - began > plan_.deadline)
        throw std::runtime_error("the run's deadline is over");
      const int ready = ::epoll_wait(epoll_, events.data(), static_cast<int>(events.size()), 1000);
      if (ready < 0 && errno != EINTR) fail("epoll_wait");
      for (int i = 0; i < ready; ++i)
        receive(*static_cast<Connection*>(events[static_cast<std::size_t>(i)].data.ptr));
    }
    outcome_.wall = Clock::now() - began;
    return std::move(outcome_);
  }

 private:
  // A request is at most a few tens of kilobytes, which fits the socket's buffer: a blocking send
  // does.
  void send_next(Connection& connection) {
    if (next_ == plan_.requests) return;
    make_(next_++, connection.request);
    connection.answer.clear();
    connection.began = Clock::now();
    for (std::size_t sent = 0; sent < connection.request.size();) {
      const ssize_t n = ::send(connection.socket, connection.request.data() + sent,
                               connection.request.size() - sent, MSG_NOSIGNAL);
      if (n < 0) fail("send");
      sent += static_cast<std::size_t>(n);
    }
  }

  void receive(Connection& connection) {
    std::array<char, 16 * 1024> bytes;
    const ssize_t n = ::recv(connection.socket, bytes.data(), bytes.size(), MSG_DONTWAIT);
    if (n == 0) throw std::runtime_error("the gateway closed a connection");
    if (n < 0) {
      if (errno == EAGAIN || errno == EINTR) return;
      fail("recv");
    }
    connection.answer.append(bytes.data(), static_cast<std::size_t>(n));
    const std::size_t whole = answer_size(connection.answer);
    if (connection.answer.size() > answer_bytes_max)
      throw std::runtime_error("an answer too large");
    if (whole == 0 || connection.answer.size() < whole) return;
    const auto spent =
        std::chrono::duration_cast<std::chrono::microseconds>(Clock::now() - connection.began);
    outcome_.latencies_us.push_back(static_cast<std::uint32_t>(spent.count()));
    ++outcome_.answered;
    if (connection.answer.starts_with("HTTP/1.1 200 ")) ++outcome_.good;
    send_next(connection);
  }

  Plan plan_;
  const std::function<void(std::uint64_t, std::string&)>& make_;
  int epoll_;
  std::vector<Connection> connections_;
  Outcome outcome_;
  std::uint64_t next_ = 0;
};

}  // namespace

Outcome drive(const Plan& plan, const std::function<void(std::uint64_t, std::string&)>& make) {
  Driver driver{plan, make};
  return driver.run();
}

}  // namespace signalbox::bench
