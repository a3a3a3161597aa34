#include "bench/ingest/connections.hpp"

#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <stdexcept>
#include <string>

#include "bench/ingest/wire.hpp"

namespace signalbox::bench {
namespace {

using Clock = std::chrono::steady_clock;
using namespace std::chrono_literals;

struct Connection {
  int socket = -1;
  DeliveryPieces request;
  std::string answer;
  Clock::time_point due;
};

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
    if (!answer_is_whole(connection.answer)) return;
    const auto now = Clock::now();
    const auto spent = std::chrono::duration_cast<std::chrono::microseconds>(now - connection.due);
    outcome_.latencies_us.push_back(static_cast<std::uint32_t>(spent.count()));
    ++outcome_.answered;
    if (answer_is_good(connection.answer)) ++outcome_.good;
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
