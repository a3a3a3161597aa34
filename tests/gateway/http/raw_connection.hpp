// One connection served by an HttpSession, driven with raw bytes: the other end of a socketpair, an
// io_context that is run by hand, and deadlines that a test moves. Nothing can hang: what has not
// come once nothing more can be done will not come.
#pragma once

#include <fmt/format.h>
#include <boost/asio/co_spawn.hpp>

#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "gateway/http/session.hpp"
#include "gateway/worker/worker.hpp"

namespace signalbox::test {

using namespace std::chrono_literals;

// More than the kernel keeps of an answer that nobody reads.
inline constexpr std::size_t large_answer_bytes = 4 * 1024 * 1024;

// Answers with what it saw, so that a test can compare it with what was sent.
struct Echo final : Handler {
  Task<Response> handle(const Request& request) override {
    ends = request.ends;
    peer = request.peer;
    account = request.account;
    ++handled;
    if (request.target == "/throw") throw std::runtime_error("a defect");
    Response response;
    if (request.target.starts_with("/stream")) {
      const bool whole = request.target != "/stream-that-breaks";
      response.stream = [whole](BodyWriter& out) { return two_pieces(out, whole); };
      co_return response;
    }
    if (request.target == "/let-go") {
      request.memory->let_go();
      request.memory->let_go();  // a poll does so each time before it waits
      held_bytes = held ? held() : 0;
    }
    if (request.target == "/nowhere") {
      response.status = 404;
      co_return response;
    }
    if (request.target == "/large") {
      response.body.assign(large_answer_bytes, 'x');
      co_return response;
    }
    response.body = fmt::format("{} {} {}|{}", request.method, request.target,
                                request.headers.fields().size(), request.body);
    co_return response;
  }
  std::optional<Response> answer_head(const Request& request) override {
    if (request.target != "/forbidden") return std::nullopt;
    Response response;
    response.status = 403;
    return response;
  }
  void refused(const Error& error, std::string_view target, std::string_view) override {
    refusals.emplace_back(error.reason, std::string{target});
  }
  static Task<bool> two_pieces(BodyWriter& out, bool whole) {
    for (const char* piece : {"first, ", "second"}) {
      if (!co_await out.send(piece)) co_return false;
    }
    co_return whole;
  }
  std::vector<std::pair<Reason, std::string>> refusals;
  std::function<std::size_t()> held;  // bytes of buffers
  std::size_t held_bytes = 1;
  std::size_t handled = 0;
  std::chrono::steady_clock::time_point ends{};  // of the last request
  std::string peer;                              // of the last request
  AddressAccount* account = nullptr;             // of the last request
};

// Timings so far apart that a slow machine does not mix them up.
inline ListenerConfig test_limits() {
  ListenerConfig limits;
  limits.max_body = 100'000;
  limits.max_header = 2'048;
  limits.header_timeout = 10min;
  limits.request_timeout = 20min;
  limits.idle_timeout = 30min;
  limits.connection_timeout = 1h;
  return limits;
}

class Connection {
 public:
  // `buffered_max`: bytes that its requests may hold.
  // `shares` and `share`: as the listening socket gives them.
  explicit Connection(ListenerConfig limits = test_limits(),
                      std::size_t buffered_max = thread_buffered_bytes_max,
                      ListenerShares* shares = nullptr, ConnectionShare share = {})
      : limits_{std::make_shared<const ListenerConfig>(limits)},
        buffers_{buffered_max},
        shares_{shares},
        share_{std::move(share)} {
    handler_.held = [this] { return buffers_.held_bytes(); };
    std::array<int, 2> ends{};
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends.data()) != 0)
      throw std::runtime_error("socketpair failed");
    client_ = ends[0];
    server_ = ends[1];
    boost::asio::co_spawn(io_, serve(ends[1]), [](const std::exception_ptr& thrown) {
      if (thrown) std::rethrow_exception(thrown);
    });
    poll();
  }
  ~Connection() {
    cut_off();
    ::close(client_);
  }
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  void send(std::string_view bytes) {
    while (!bytes.empty()) {
      const auto sent = ::send(client_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent > 0) bytes.remove_prefix(static_cast<std::size_t>(sent));
      if (poll() == 0 && sent <= 0) throw std::runtime_error("the session takes no more bytes");
    }
  }
  // Sends as much as the kernel takes, and has the session do nothing. Returns how many bytes.
  std::size_t put(std::string_view bytes) {
    const auto sent = ::send(client_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    return sent > 0 ? static_cast<std::size_t>(sent) : 0;
  }
  // One turn of the thread: of whatever may go on, one thing does. False when nothing may.
  bool step() {
    io_.restart();
    return io_.poll_one() > 0;
  }
  // What the session has sent so far, with nothing done for it.
  std::string take() {
    std::string received;
    std::array<char, 65536> piece;
    while (true) {
      const auto n = ::recv(client_, piece.data(), piece.size(), 0);
      if (n == 0) closed_ = true;
      if (n <= 0) return received;
      received.append(piece.data(), static_cast<std::size_t>(n));
    }
  }
  // Bytes that the session has not read yet.
  std::size_t unread() const {
    int bytes = 0;
    ::ioctl(server_, FIONREAD, &bytes);
    return static_cast<std::size_t>(bytes);
  }
  void sweep(Milliseconds time) { sessions_.sweep(std::chrono::steady_clock::now() + time); }

  void finish_sending() {
    ::shutdown(client_, SHUT_WR);
    poll();
  }

  // Everything that the session sends now, until it closes or waits.
  std::string read_all() {
    std::string received;
    std::array<char, 65536> piece;
    while (true) {
      poll();
      const auto n = ::recv(client_, piece.data(), piece.size(), 0);
      if (n <= 0) {
        closed_ = n == 0;
        return received;
      }
      received.append(piece.data(), static_cast<std::size_t>(n));
    }
  }

  // What the thread's sweep does once so much time has passed.
  void pass(Milliseconds time) {
    sessions_.sweep(std::chrono::steady_clock::now() + time);
    poll();
  }

  // As when a thread ends with its connections.
  void cut_off() {
    io_.stop();
    io_.destroy_pending();
  }

  bool closed() const { return closed_; }  // the session was seen to have closed
  bool served() const { return sessions_.size() > 0; }
  std::size_t held_bytes() const { return buffers_.held_bytes(); }
  const Echo& handler() const { return handler_; }
  SessionList& sessions() { return sessions_; }

 private:
  std::size_t poll() {
    io_.restart();
    return io_.poll();
  }
  Task<void> serve(int descriptor) {
    Socket socket{io_.get_executor(), boost::asio::ip::tcp::v4(), descriptor};
    const SessionSetting setting{limits_,   handler_,        buffers_, sessions_,
                                 counters_, Listener::hooks, shares_};
    HttpSession session{std::move(socket), setting, std::move(share_)};
    co_await session.run();
  }

  IoContext io_;
  std::shared_ptr<const ListenerConfig> limits_;
  Echo handler_;
  BufferPool buffers_;
  SessionList sessions_;
  ThreadCounters counters_;
  ListenerShares* shares_;
  ConnectionShare share_;
  int client_ = -1;
  int server_ = -1;  // the session's
  bool closed_ = false;
};

}  // namespace signalbox::test
