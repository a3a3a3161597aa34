#include "bench/ingest/connections.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <stdexcept>
#include <string>
#include <string_view>
#include <system_error>

namespace signalbox::bench {
namespace {

using Clock = std::chrono::steady_clock;
using namespace std::chrono_literals;
constexpr std::size_t answer_bytes_max = std::size_t{64} * 1024;

[[noreturn]] void fail(const char* what) {
  throw std::system_error{errno, std::generic_category(), what};
}

struct Connection {
  int socket = -1;
  DeliveryPieces request;
  std::string answer;
  Clock::time_point due;
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

// Whether the answer is whole. Servers other than the gateway write names of headers as they like.
bool is_whole(const std::string& answer) {
  const auto end = answer.find("\r\n\r\n");
  if (end == std::string::npos) return false;
  constexpr std::string_view name = "\r\nContent-Length:";
  if (const char* field = ::strcasestr(answer.c_str(), name.data());
      field != nullptr && field < answer.data() + end) {
    const char* digits = field + name.size();
    while (*digits == ' ') ++digits;
    std::size_t length = 0;
    std::from_chars(digits, answer.data() + end, length);
    return answer.size() >= end + 4 + length;
  }
  return answer.ends_with("\r\n0\r\n\r\n");
}

// A request is at most some tens of kilobytes: a blocking send waits for the server at worst.
void send_all(int socket, const DeliveryPieces& request) {
  std::array<std::string_view, 3> pieces{request.head, request.body, request.body_end};
  for (std::size_t first = 0; first < pieces.size();) {
    std::array<iovec, 3> parts{};
    for (std::size_t i = first; i < pieces.size(); ++i) {
      parts[i] = {const_cast<char*>(pieces[i].data()), pieces[i].size()};
    }
    msghdr message{};
    message.msg_iov = parts.data() + first;
    message.msg_iovlen = pieces.size() - first;
    const ssize_t n = ::sendmsg(socket, &message, MSG_NOSIGNAL);
    if (n < 0) fail("sendmsg");
    auto sent = static_cast<std::size_t>(n);
    while (first < pieces.size() && sent >= pieces[first].size()) sent -= pieces[first++].size();
    if (first < pieces.size()) pieces[first].remove_prefix(sent);
  }
}

class LoadDriver {
 public:
  LoadDriver(const LoadPlan& plan, const MakeDelivery& make)
      : plan_{plan},
        make_{make},
        epoll_{::epoll_create1(EPOLL_CLOEXEC)},
        connections_(plan.connections) {
    outcome_.latencies_us.reserve(std::min<std::uint64_t>(plan.requests, 1'000'000));
    for (Connection& connection : connections_) {
      connection.socket = connect_to(plan.port);
      epoll_event event{};
      event.events = EPOLLIN;
      event.data.ptr = &connection;
      if (::epoll_ctl(epoll_, EPOLL_CTL_ADD, connection.socket, &event) != 0) fail("epoll_ctl");
      idle_.push_back(&connection);
    }
  }
  ~LoadDriver() {
    for (const Connection& connection : connections_) ::close(connection.socket);
    ::close(epoll_);
  }
  LoadDriver(const LoadDriver&) = delete;
  LoadDriver& operator=(const LoadDriver&) = delete;

  LoadOutcome run() {
    began_ = Clock::now();
    std::array<epoll_event, 256> events;
    while (true) {
      const auto now = Clock::now();
      if (now - began_ > plan_.deadline) throw std::runtime_error("the run's deadline is over");
      while (!idle_.empty() && is_due(now)) send_next(now);
      if (idle_.size() == connections_.size() && is_over(now)) break;
      const timespec wait = until_due(now);
      const int ready =
          ::epoll_pwait2(epoll_, events.data(), static_cast<int>(events.size()), &wait, nullptr);
      if (ready < 0 && errno != EINTR) fail("epoll_pwait2");
      for (int i = 0; i < ready; ++i)
        receive(*static_cast<Connection*>(events[static_cast<std::size_t>(i)].data.ptr));
    }
    outcome_.wall = Clock::now() - began_;
    return std::move(outcome_);
  }

 private:
  bool is_over(Clock::time_point now) const {
    if (next_ == plan_.requests) return true;
    if (plan_.time == 0ns) return false;
    return (plan_.per_second > 0 ? due_at(next_) : now) - began_ >= plan_.time;
  }

  Clock::time_point due_at(std::uint64_t number) const {
    const std::chrono::duration<double> after{static_cast<double>(number) / plan_.per_second};
    return began_ + std::chrono::duration_cast<std::chrono::nanoseconds>(after);
  }

  bool is_due(Clock::time_point now) const {
    return !is_over(now) && (plan_.per_second == 0 || due_at(next_) <= now);
  }

  timespec until_due(Clock::time_point now) const {
    std::chrono::nanoseconds wait = 100ms;
    if (plan_.per_second > 0 && !idle_.empty() && !is_over(now)) {
      wait = std::clamp<std::chrono::nanoseconds>(due_at(next_) - now, 0ns, wait);
    }
    return {0, static_cast<long>(wait.count())};
  }

  void send_next(Clock::time_point now) {
    Connection& connection = *idle_.back();
    idle_.pop_back();
    connection.due = plan_.per_second > 0 ? due_at(next_) : now;
    make_(next_++, connection.request);
    connection.answer.clear();
    send_all(connection.socket, connection.request);
  }

  void receive(Connection& connection) {
    std::array<char, 16 * 1024> bytes;
    const ssize_t n = ::recv(connection.socket, bytes.data(), bytes.size(), MSG_DONTWAIT);
    if (n == 0) throw std::runtime_error("the server closed a connection");
    if (n < 0) {
      if (errno == EAGAIN || errno == EINTR) return;
      fail("recv");
    }
    connection.answer.append(bytes.data(), static_cast<std::size_t>(n));
    if (connection.answer.size() > answer_bytes_max)
      throw std::runtime_error("an answer too large");
    if (!is_whole(connection.answer)) return;
    const auto now = Clock::now();
    const auto spent = std::chrono::duration_cast<std::chrono::microseconds>(now - connection.due);
    outcome_.latencies_us.push_back(static_cast<std::uint32_t>(spent.count()));
    ++outcome_.answered;
    if (connection.answer.starts_with("HTTP/1.1 200 ")) ++outcome_.good;
    idle_.push_back(&connection);
    if (plan_.per_second == 0 && is_due(now)) send_next(now);
  }

  LoadPlan plan_;
  const MakeDelivery& make_;
  int epoll_;
  std::vector<Connection> connections_;
  std::vector<Connection*> idle_;
  LoadOutcome outcome_;
  Clock::time_point began_;
  std::uint64_t next_ = 0;
};

}  // namespace

LoadOutcome drive(const LoadPlan& plan, const MakeDelivery& make) {
  // The kernel otherwise wakes a sleeper up to 50 µs late, which a fixed rate would show.
  if (plan.per_second > 0) ::prctl(PR_SET_TIMERSLACK, 1);
  LoadDriver driver{plan, make};
  return driver.run();
}

}  // namespace signalbox::bench
