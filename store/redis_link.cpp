#include "store/redis_link.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/ip/basic_resolver.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include <sys/un.h>

#include <algorithm>
#include <exception>
#include <utility>

namespace signalbox {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;
using Executor = asio::io_context::executor_type;
using Socket = asio::basic_stream_socket<asio::generic::stream_protocol, Executor>;
using Resolver = asio::ip::basic_resolver<asio::ip::tcp, Executor>;

constexpr auto awaited = asio::as_tuple(asio::use_awaitable_t<Executor>{});
constexpr std::string_view greeting = "*1\r\n$4\r\nPING\r\n";
constexpr std::size_t read_bytes = 64 * 1024;

}  // namespace

std::string to_string(const RedisEndpoint& endpoint) {
  if (!endpoint.socket.empty()) return "unix:" + endpoint.socket;
  return endpoint.host + ":" + std::to_string(endpoint.port);
}

// What lives on while a handler is outstanding, after the link is gone.
class RedisLink::Connector : public std::enable_shared_from_this<Connector> {
 public:
  Connector(asio::io_context& io, RedisEndpoint endpoint, Listener& listener)
      : executor_{io.get_executor()},
        endpoint_{std::move(endpoint)},
        listener_{&listener},
        socket_{executor_},
        resolver_{executor_},
        timer_{executor_} {}

  void start() {
    // Nothing in it throws but for want of memory, and without it this thread would answer nothing.
    const auto end = [](const std::exception_ptr& failure) {
      if (failure) std::rethrow_exception(failure);
    };
    asio::co_spawn(
        executor_, [self = shared_from_this()] { return self->run(); }, end);
  }

  void stop() {
    listener_ = nullptr;
    connected_ = false;
    timer_.cancel();
    resolver_.cancel();
    close();
  }

  void reset(const std::string& why) {
    if (connected_) lose(why);
  }

  bool connected() const noexcept { return connected_; }
  std::string& output() noexcept { return pending_; }

  void sent() {
    ++pending_commands_;
    if (flush_posted_ || writing_) return;
    flush_posted_ = true;
    asio::post(executor_, [self = shared_from_this()] {
      self->flush_posted_ = false;
      self->flush();
    });
  }

 private:
  Task<void> run() {
    Milliseconds backoff = backoff_first;
    while (listener_ != nullptr) {
      if (co_await connect()) {
        if (co_await receive()) backoff = backoff_first;
      }
      if (listener_ == nullptr) break;
      timer_.expires_after(backoff / 2 + Milliseconds{random_() % (backoff.count() / 2 + 1)});
      co_await timer_.async_wait(awaited);
      backoff = std::min(backoff * 2, backoff_max);
    }
  }

  // True once Redis has answered the greeting.
  Task<bool> connect() {
    why_.clear();
    arm_connect_timeout();
    const bool open = endpoint_.socket.empty() ? co_await connect_tcp() : co_await connect_unix();
    const bool greeted = open && co_await greet();
    ++attempt_;  // an old timeout means nothing from now on
    timer_.cancel();
    if (greeted && listener_ != nullptr) {
      connected_ = true;
      listener_->on_connected();
      co_return connected_;
    }
    close();
    if (listener_ != nullptr) listener_->on_lost(0, why_);
    co_return false;
  }

  void arm_connect_timeout() {
    timer_.expires_after(connect_timeout);
    timer_.async_wait([self = shared_from_this(), attempt = attempt_](error_code failed) {
      if (failed || attempt != self->attempt_) return;
      self->why_ = "Redis did not answer a new connection in time";
      self->resolver_.cancel();
      self->close();
    });
  }

  void note(const error_code& failed) {
    if (failed && why_.empty()) why_ = to_string(endpoint_) + ": " + failed.message();
  }

  Task<bool> connect_unix() {
    if (endpoint_.socket.size() >= sizeof(sockaddr_un::sun_path)) {
      why_ = "the path of the Redis socket is longer than a unix socket's may be";
      co_return false;
    }
    const asio::generic::stream_protocol::endpoint to{
        asio::local::stream_protocol::endpoint{endpoint_.socket}};
    const auto [failed] = co_await socket_.async_connect(to, awaited);
    note(failed);
    co_return !failed;
  }

  Task<bool> connect_tcp() {
    const std::string port = std::to_string(endpoint_.port);
    const auto [unresolved, found] =
        co_await resolver_.async_resolve(endpoint_.host, port, awaited);
    note(unresolved);
    const std::uint64_t attempt = attempt_;
    for (const auto& entry : found) {
      if (attempt != attempt_ || !why_.empty()) break;
      const asio::generic::stream_protocol::endpoint to{entry.endpoint()};
      close();
      const auto [failed] = co_await socket_.async_connect(to, awaited);
      if (failed) {
        last_failure_ = failed;
        continue;
      }
      error_code ignored;
      socket_.set_option(asio::ip::tcp::no_delay{true}, ignored);
      socket_.set_option(asio::socket_base::keep_alive{true}, ignored);
      co_return true;
    }
    note(last_failure_);
    co_return false;
  }

  // A server that is still loading its data answers with an error, and is not there yet.
  Task<bool> greet() {
    reader_ = ReplyReader{};
    const auto [unwritten, written] =
        co_await asio::async_write(socket_, asio::buffer(greeting), awaited);
    note(unwritten);
    while (!unwritten && why_.empty()) {
      const auto [failed, size] = co_await socket_.async_read_some(asio::buffer(input_), awaited);
      note(failed);
      if (failed) break;
      reader_.feed({input_.data(), size});
      Reply reply;
      const auto complete = reader_.next(reply);
      if (!complete) why_ = complete.error().detail;
      if (!complete || !*complete) continue;
      if (reply.text == "PONG") co_return true;
      why_ = "Redis answered a greeting with: " + reply.text.substr(0, 100);
    }
    co_return false;
  }

  // Ends with the connection. True when it was of any use.
  Task<bool> receive() {
    bool useful = false;
    while (connected_) {
      const auto [failed, size] = co_await socket_.async_read_some(asio::buffer(input_), awaited);
      if (!connected_) break;
      if (failed) {
        lose(to_string(endpoint_) + ": " + failed.message());
        break;
      }
      reader_.feed({input_.data(), size});
      useful = deliver() || useful;
    }
    co_return useful;
  }

  bool deliver() {
    bool any = false;
    while (connected_) {
      Reply reply;
      const auto complete = reader_.next(reply);
      if (!complete) {
        lose(complete.error().detail);
        break;
      }
      if (!*complete) break;
      any = true;
      listener_->on_reply(std::move(reply));
    }
    return any;
  }

  void flush() {
    if (!connected_ || writing_ || pending_.empty()) return;
    writing_ = true;
    std::swap(pending_, sending_);
    pending_commands_ = 0;
    asio::async_write(
        socket_, asio::buffer(sending_),
        [self = shared_from_this(), attempt = attempt_](error_code failed, std::size_t) {
          self->writing_ = false;
          self->sending_.clear();
          if (self->sending_.capacity() > buffer_kept_bytes) self->sending_.shrink_to_fit();
          if (attempt != self->attempt_ || !self->connected_) return self->flush();
          if (failed) return self->lose(to_string(self->endpoint_) + ": " + failed.message());
          self->flush();
        });
  }

  void lose(const std::string& why) {
    connected_ = false;
    ++attempt_;
    close();
    pending_.clear();
    const std::size_t unsent = std::exchange(pending_commands_, 0);
    if (listener_ != nullptr) listener_->on_lost(unsent, why);
  }

  void close() {
    error_code ignored;
    socket_.close(ignored);
  }

  Executor executor_;
  RedisEndpoint endpoint_;
  Listener* listener_;  // null once stopped
  Socket socket_;
  Resolver resolver_;
  SteadyTimer timer_;
  std::minstd_rand random_{std::random_device{}()};
  ReplyReader reader_;
  std::string pending_;  // appended, not given to the kernel yet
  std::string sending_;
  std::size_t pending_commands_ = 0;
  std::uint64_t attempt_ = 0;  // grows with each connection's begin and end
  bool connected_ = false;
  bool writing_ = false;
  bool flush_posted_ = false;
  std::string why_;  // of a failed attempt
  error_code last_failure_;
  std::array<char, read_bytes> input_;
};

RedisLink::RedisLink(asio::io_context& io, RedisEndpoint endpoint, Listener& listener)
    : connector_{std::make_shared<Connector>(io, std::move(endpoint), listener)} {
  connector_->start();
}

RedisLink::~RedisLink() { connector_->stop(); }

bool RedisLink::connected() const noexcept { return connector_->connected(); }
std::string& RedisLink::output() noexcept { return connector_->output(); }
void RedisLink::sent() { connector_->sent(); }
void RedisLink::reset(const std::string& why) { connector_->reset(why); }

}  // namespace signalbox
