#include "store/redis/redis_link.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>

#include <algorithm>
#include <exception>
#include <utility>

#include "store/redis/redis_socket.hpp"

namespace signalbox {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;
using Executor = asio::io_context::executor_type;

constexpr auto timer_awaited = asio::as_tuple(asio::use_awaitable_t<Executor>{});
constexpr std::size_t read_bytes = 64 * 1024;

// What is asked of a new connection, and how many replies it takes. Redis says PONG to the last one
// when it is ready for more.
struct Greeting {
  std::string commands;
  std::size_t replies = 0;
};

Greeting greeting_for(const RedisEndpoint& endpoint) {
  Greeting greeting;
  const auto begin = [&](std::size_t arguments) {
    ++greeting.replies;
    return CommandWriter{greeting.commands, arguments};
  };
  if (!endpoint.password.empty() && endpoint.username.empty()) {
    begin(2).add("AUTH").add(endpoint.password);
  } else if (!endpoint.password.empty()) {
    begin(3).add("AUTH").add(endpoint.username).add(endpoint.password);
  }
  if (endpoint.database != 0) begin(2).add("SELECT").add(endpoint.database);
  begin(1).add("PING");
  return greeting;
}

}  // namespace

// What lives on while a handler is outstanding, after the link is gone.
class RedisLink::Connector : public std::enable_shared_from_this<Connector> {
 public:
  Connector(asio::io_context& io, RedisEndpoint endpoint, Listener& listener)
      : executor_{io.get_executor()},
        listener_{&listener},
        socket_{executor_, std::move(endpoint)},
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
    socket_.close();
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
      co_await timer_.async_wait(timer_awaited);
      backoff = std::min(backoff * 2, backoff_max);
    }
  }

  // True once Redis has answered the greeting.
  Task<bool> connect() {
    why_.clear();
    arm_connect_timeout();
    std::string failure = co_await socket_.open();
    note(std::move(failure));
    if (why_.empty()) co_await greet();
    const bool greeted = why_.empty();
    ++attempt_;  // an old timeout means nothing from now on
    timer_.cancel();
    if (greeted && listener_ != nullptr) {
      connected_ = true;
      listener_->on_connected();
      co_return connected_;
    }
    socket_.close();
    if (listener_ != nullptr) listener_->on_lost(0, why_);
    co_return false;
  }

  void arm_connect_timeout() {
    timer_.expires_after(connect_timeout);
    timer_.async_wait([self = shared_from_this(), attempt = attempt_](error_code failed) {
      if (failed || attempt != self->attempt_) return;
      self->note(to_string(self->socket_.endpoint()) + ": no answer to a new connection in time");
      self->socket_.close();
    });
  }

  // Of several reasons the first counts.
  void note(std::string why) {
    if (why_.empty()) why_ = std::move(why);
  }

  void note(const error_code& failed) {
    if (failed) note(to_string(socket_.endpoint()) + ": " + failed.message());
  }

  // A server that is still loading its data, has too many clients or wants another password answers
  // with an error, and is not there yet. why_ is empty when it is.
  Task<void> greet() {
    reader_ = ReplyReader{};
    const Greeting greeting = greeting_for(socket_.endpoint());
    const auto [unwritten, written] = co_await socket_.write(greeting.commands);
    if (unwritten) note(unwritten);
    std::size_t answered = 0;
    while (why_.empty() && answered < greeting.replies) {
      const auto [failed, size] = co_await socket_.read_some(input_);
      if (failed) note(failed);
      if (!failed) answered += read_greeting(size);
    }
  }

  // The number of replies in what came; why_ says it when one of them is an error.
  std::size_t read_greeting(std::size_t size) {
    reader_.feed({input_.data(), size});
    for (std::size_t answered = 0;; ++answered) {
      Reply reply;
      const auto complete = reader_.next(reply);
      if (!complete) note(complete.error().detail);
      if (!complete || !*complete) return answered;
      if (!reply.is(Reply::Kind::status)) {
        note(to_string(socket_.endpoint()) +
             ": Redis answered a greeting with: " + reply.text.substr(0, 100));
      }
    }
  }

  // Ends with the connection. True when it was of any use.
  Task<bool> receive() {
    bool useful = false;
    while (connected_) {
      const auto [failed, size] = co_await socket_.read_some(input_);
      if (!connected_) break;
      if (failed) {
        lose(to_string(socket_.endpoint()) + ": " + failed.message());
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
    socket_.write(
        sending_, [self = shared_from_this(), attempt = attempt_](error_code failed, std::size_t) {
          self->writing_ = false;
          self->sending_.clear();
          if (self->sending_.capacity() > buffer_kept_bytes) self->sending_.shrink_to_fit();
          if (attempt != self->attempt_ || !self->connected_) return self->flush();
          if (failed) {
            return self->lose(to_string(self->socket_.endpoint()) + ": " + failed.message());
          }
          self->flush();
        });
  }

  void lose(const std::string& why) {
    connected_ = false;
    ++attempt_;
    socket_.close();
    pending_.clear();
    const std::size_t unsent = std::exchange(pending_commands_, 0);
    if (listener_ != nullptr) listener_->on_lost(unsent, why);
  }

  Executor executor_;
  Listener* listener_;  // null once stopped
  RedisSocket socket_;
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
