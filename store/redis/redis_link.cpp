#include "store/redis/redis_link.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>

#include <array>
#include <exception>
#include <random>
#include <utility>

#include "store/redis/link_machine.hpp"
#include "store/redis/redis_socket.hpp"

namespace signalbox {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;
using Executor = asio::io_context::executor_type;

constexpr auto timer_awaited = asio::as_tuple(asio::use_awaitable_t<Executor>{});
constexpr std::size_t read_bytes = 64 * 1024;

// What is asked of a new connection, and how many answers that takes. Redis says PONG to the last
// one when it is ready for more.
struct Greeting {
  std::string commands;
  std::size_t answers = 0;
};

Greeting greeting_for(const RedisEndpoint& endpoint) {
  Greeting greeting;
  const auto begin = [&](std::size_t arguments) {
    ++greeting.answers;
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

// Carries out what a LinkMachine decides. Lives on while a handler is outstanding, after the link
// is gone.
class RedisLink::Driver : public std::enable_shared_from_this<Driver> {
 public:
  Driver(asio::io_context& io, RedisEndpoint endpoint, Owner& owner)
      : executor_{io.get_executor()},
        owner_{&owner},
        greeting_{greeting_for(endpoint)},
        machine_{to_string(endpoint), greeting_.answers},
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
    owner_ = nullptr;
    timer_.cancel();
    carry_out(machine_.stop());
  }

  std::size_t unsent() const noexcept { return machine_.unsent(); }
  void reset(const std::string& why) { carry_out(machine_.reset(why)); }

  bool connected() const noexcept { return machine_.connected(); }
  std::string& output() noexcept { return pending_; }

  void sent() {
    if (!machine_.appended()) return;
    asio::post(executor_, [self = shared_from_this()] { self->carry_out(self->machine_.flush()); });
  }

 private:
  using Next = LinkMachine::Next;

  // All that is waited for: a coroutine more would cost every read something.
  Task<void> run() {
    Next next = carry_out(machine_.begin());
    while (next != Next::end) {
      if (next == Next::open) {
        arm_timeout();
        std::string failure = co_await socket_.open();
        next = carry_out(machine_.opened(std::move(failure)));
      } else if (next == Next::greet) {
        reader_ = ReplyReader{};
        const auto [failed, size] = co_await socket_.write(greeting_.commands);
        next = carry_out(machine_.greeted(why(failed)));
      } else if (next == Next::read) {
        const auto [failed, size] = co_await socket_.read_some(input_);
        next = failed ? carry_out(machine_.ended(why(failed))) : take(size);
      } else if (next == Next::announce) {
        next = announce();
      } else {
        timer_.expires_after(machine_.pause(static_cast<std::uint32_t>(random_())));
        co_await timer_.async_wait(timer_awaited);
        next = carry_out(machine_.begin());
      }
    }
  }

  void arm_timeout() {
    timer_.expires_after(LinkMachine::connect_timeout);
    timer_.async_wait([self = shared_from_this(), epoch = machine_.epoch()](error_code cancelled) {
      if (!cancelled) self->carry_out(self->machine_.timed_out(epoch));
    });
  }

  Next take(std::size_t size) {
    const Next next = carry_out(machine_.received());
    if (next != Next::read) return next;
    reader_.feed({input_.data(), size});
    return machine_.connected() ? deliver() : take_greeting();
  }

  Next announce() {
    timer_.cancel();
    if (owner_ != nullptr) owner_->on_connected();
    return machine_.connected() ? deliver() : carry_out(machine_.ended({}));
  }

  Next take_greeting() {
    while (true) {
      Reply reply;
      const auto complete = reader_.next(reply);
      if (!complete) return carry_out(machine_.ended(complete.error().detail));
      if (!*complete) return Next::read;
      const Next next = carry_out(machine_.greeting_answered(reply));
      if (next != Next::read) return next;
    }
  }

  Next deliver() {
    while (machine_.connected()) {
      Reply reply;
      const auto complete = reader_.next(reply);
      if (!complete) return carry_out(machine_.ended(complete.error().detail));
      if (!*complete) return Next::read;
      machine_.replied();
      owner_->on_reply(std::move(reply));
    }
    return carry_out(machine_.ended({}));
  }

  // What the loop does next; only the loop asks.
  Next carry_out(LinkMachine::Actions actions) {
    if (actions.close) {
      socket_.close();
      pending_.clear();
    }
    if (actions.lost && owner_ != nullptr) owner_->on_lost(actions.lost->unsent, actions.lost->why);
    if (actions.write) write();
    return machine_.state() == LinkMachine::State::stopped ? Next::end
                                                           : actions.next.value_or(Next::end);
  }

  void write() {
    std::swap(pending_, sending_);
    socket_.write(sending_, [self = shared_from_this(), epoch = machine_.epoch()](error_code failed,
                                                                                  std::size_t) {
      self->sending_.clear();
      if (self->sending_.capacity() > buffer_kept_bytes) self->sending_.shrink_to_fit();
      self->carry_out(self->machine_.written(epoch, self->why(failed)));
    });
  }

  std::string why(const error_code& failed) const {
    return failed ? to_string(socket_.endpoint()) + ": " + failed.message() : std::string{};
  }

  Executor executor_;
  Owner* owner_;  // null once stopped
  Greeting greeting_;
  LinkMachine machine_;
  RedisSocket socket_;
  SteadyTimer timer_;
  std::minstd_rand random_{std::random_device{}()};
  ReplyReader reader_;
  std::string pending_;  // appended, not given to the kernel yet
  std::string sending_;
  std::array<char, read_bytes> input_;
};

RedisLink::RedisLink(asio::io_context& io, RedisEndpoint endpoint, Owner& owner)
    : driver_{std::make_shared<Driver>(io, std::move(endpoint), owner)} {
  driver_->start();
}

RedisLink::~RedisLink() { driver_->stop(); }

bool RedisLink::connected() const noexcept { return driver_->connected(); }
std::string& RedisLink::output() noexcept { return driver_->output(); }
std::size_t RedisLink::unsent() const noexcept { return driver_->unsent(); }
void RedisLink::sent() { driver_->sent(); }
void RedisLink::reset(const std::string& why) { driver_->reset(why); }

}  // namespace signalbox
