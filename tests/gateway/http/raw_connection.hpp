// One connection served by an HttpSession on a thread of its own, driven with raw bytes from a
// test.
#pragma once

#include <fmt/format.h>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include <sys/socket.h>

#include <array>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "gateway/http/session.hpp"
#include "gateway/worker/worker.hpp"

namespace signalbox::test {

namespace asio = boost::asio;
using namespace std::chrono_literals;
using Tcp = asio::ip::tcp;

// Answers with what it saw, so that a test can compare it with what was sent.
struct Echo final : Handler {
  Task<Response> handle(const Request& request) override {
    if (request.target == "/throw") throw std::runtime_error("a defect");
    Response response;
    if (request.target.starts_with("/stream")) {
      const bool whole = request.target != "/stream-that-breaks";
      response.stream = [whole](BodyWriter& out) { return two_pieces(out, whole); };
      co_return response;
    }
    if (request.target == "/let-go") {
      request.memory->let_go();
      held_bytes = held ? held() : 0;
    }
    response.body = fmt::format("{} {} {}|{}", request.method, request.target,
                                request.headers.fields().size(), request.body);
    co_return response;
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
};

inline ListenerConfig small_limits() {
  ListenerConfig limits;
  limits.max_body = 100'000;
  limits.max_header = 2'048;
  limits.header_timeout = Milliseconds{300};
  limits.request_timeout = Milliseconds{600};
  limits.idle_timeout = Milliseconds{900};
  limits.connection_timeout = std::chrono::hours{1};
  return limits;
}

// One connection served by a HttpSession on a thread of its own.
class Connection {
 public:
  explicit Connection(ListenerConfig limits = small_limits())
      : limits_{std::make_shared<const ListenerConfig>(limits)} {
    handler_.held = [this] { return buffers_.held_bytes(); };
    Tcp::acceptor acceptor{io_, {asio::ip::make_address("127.0.0.1"), 0}};
    client_.connect(acceptor.local_endpoint());
    Tcp::socket accepted = acceptor.accept();
    const int descriptor = accepted.release();
    asio::co_spawn(io_, serve(descriptor), asio::detached);
    asio::co_spawn(io_, sweep(), asio::detached);
    thread_ = std::thread([this] { io_.run(); });
  }
  ~Connection() {
    io_.stop();
    thread_.join();
    io_.destroy_pending();
  }

  void send(std::string_view bytes) {
    asio::write(client_, asio::buffer(bytes.data(), bytes.size()));
  }
  void finish_sending() { client_.shutdown(Tcp::socket::shutdown_send); }

  // Everything until the server closes, or what came within five seconds.
  std::string read_all() {
    std::string received;
    set_receive_timeout();
    std::array<char, 4096> piece;
    boost::system::error_code failed;
    while (!failed) {
      const std::size_t n = client_.read_some(asio::buffer(piece), failed);
      received.append(piece.data(), n);
    }
    closed_ = failed == asio::error::eof;
    return received;
  }

  // Reads until the text was received.
  std::string read_until(std::string_view text) {
    std::string received;
    set_receive_timeout();
    boost::system::error_code failed;
    while (received.find(text) == std::string::npos && !failed) {
      char byte;
      if (client_.read_some(asio::buffer(&byte, 1), failed) == 1) received += byte;
    }
    return received;
  }

  bool closed() const { return closed_; }
  const Echo& handler() const { return handler_; }

 private:
  void set_receive_timeout() {
    const timeval limit{5, 0};
    ::setsockopt(client_.native_handle(), SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  }
  Task<void> serve(int descriptor) {
    Socket socket{io_.get_executor(), Tcp::v4(), descriptor};
    const SessionSetting setting{limits_, handler_, buffers_, sessions_, counters_};
    HttpSession session{std::move(socket), setting};
    co_await session.run();
  }
  Task<void> sweep() {
    asio::basic_waitable_timer<std::chrono::steady_clock,
                               asio::wait_traits<std::chrono::steady_clock>,
                               asio::io_context::executor_type>
        timer{io_.get_executor()};
    while (true) {
      timer.expires_after(20ms);
      co_await timer.async_wait(asio::use_awaitable_t<asio::io_context::executor_type>{});
      sessions_.sweep(std::chrono::steady_clock::now());
    }
  }

  IoContext io_;
  std::shared_ptr<const ListenerConfig> limits_;
  Echo handler_;
  BufferPool buffers_;
  SessionList sessions_;
  ThreadCounters counters_;
  Tcp::socket client_{io_};
  std::thread thread_;
  bool closed_ = false;
};

}  // namespace signalbox::test
