#include "gateway/worker/worker.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <malloc.h>
#include <sys/socket.h>

#include <atomic>
#include <cassert>

#include "gateway/telemetry/connection_counters.hpp"
#include "gateway/telemetry/log.hpp"
#include "gateway/telemetry/redis_counters.hpp"

namespace signalbox {
namespace {

namespace asio = boost::asio;
using Executor = asio::io_context::executor_type;
using Timer = asio::basic_waitable_timer<std::chrono::steady_clock,
                                         asio::wait_traits<std::chrono::steady_clock>, Executor>;

constexpr std::chrono::milliseconds sweep_interval{100};

std::atomic<int> threads_without_redis{0};

// An exception that reaches a coroutine's end is a defect; the thread goes on, and the log says so.
void report(std::exception_ptr failure) {
  if (!failure) return;
  try {
    std::rethrow_exception(failure);
  } catch (const std::exception& error) {
    log_line(Severity::error, "connection failed", {{"detail", error.what()}});
  }
}

}  // namespace

void RedisObserver::on_round_trip(std::chrono::nanoseconds duration) {
  counters_.redis.round_trip.observe(duration);
}

RedisObserver::~RedisObserver() {
  if (lost_) threads_without_redis.fetch_sub(1);
}

void RedisObserver::on_connected() {
  counters_.redis.connects.add();
  if (!std::exchange(lost_, false)) return;
  if (threads_without_redis.fetch_sub(1) == 1) log_line(Severity::info, "redis connected again");
}

void RedisObserver::on_lost(const std::string& why) {
  counters_.redis.losses.add();
  if (std::exchange(lost_, true)) return;
  if (threads_without_redis.fetch_add(1) == 0) {
    log_line(Severity::warning, "redis connection lost", {{"detail", why}});
  }
}

Worker::Worker(std::shared_ptr<const Runtime> loaded, std::size_t position)
    : runtime{std::move(loaded)}, index{position}, limits{runtime->listeners} {}

// Coroutines that wait for a store are kept by it. What they leave behind is posted, and has to go
// while the list of sessions is there.
Worker::~Worker() {
  stop_and_join();
  stores.reset();
  io.destroy_pending();
}

void Worker::start() {
  asio::co_spawn(io, sweep(), report);
  thread_ = std::thread([this] { io.run(); });
}

void Worker::use(std::shared_ptr<const Runtime> next) {
  asio::post(io, [this, next = std::move(next)]() mutable {
    limits = next->listeners;
    runtime = std::move(next);
  });
}

void Worker::adopt(int socket, Listener listener, ConnectionShare share) {
  load_[static_cast<std::size_t>(listener)].fetch_add(1, std::memory_order_relaxed);
  asio::post(io, [this, socket, listener, share = std::move(share)]() mutable {
    sockaddr_storage address{};
    socklen_t size = sizeof address;
    ::getsockname(socket, reinterpret_cast<sockaddr*>(&address), &size);
    const auto protocol = address.ss_family == AF_INET6 ? asio::ip::tcp::v6() : asio::ip::tcp::v4();
    Socket connection{io.get_executor(), protocol, socket};
    asio::co_spawn(io, serve(std::move(connection), listener, std::move(share)), report);
  });
}

void Worker::make_room(Listener listener) {
  asio::post(io, [this, listener] {
    const std::size_t ended = sessions.make_room(listener, std::chrono::steady_clock::now());
    counters.connections.crowded_out.add(ended);
  });
}

Task<void> Worker::serve(Socket socket, Listener listener, ConnectionShare share) {
  assert(load(listener) > 0);
  const bool hooks = listener == Listener::hooks;
  (hooks ? counters.connections.hooks : counters.connections.api).add();
  const SessionSetting setting{limits[static_cast<std::size_t>(listener)],
                               hooks ? *hooks_handler : *api_handler,
                               buffers,
                               sessions,
                               counters,
                               listener,
                               shares == nullptr ? nullptr : &shares->of(listener)};
  {
    HttpSession session{std::move(socket), setting, std::move(share)};
    try {
      co_await session.run();
    } catch (...) {
      report(std::current_exception());
    }
  }
  load_[static_cast<std::size_t>(listener)].fetch_sub(1, std::memory_order_relaxed);
  if (drained_ && sessions.size() == 0) std::exchange(drained_, nullptr)();
}

Task<void> Worker::sweep() {
  Timer timer{io.get_executor()};
  while (true) {
    timer.expires_after(sweep_interval);
    const auto [failed] =
        co_await timer.async_wait(asio::as_tuple(asio::use_awaitable_t<Executor>{}));
    if (failed) co_return;
    sessions.sweep(std::chrono::steady_clock::now());
    waiters.sweep(std::chrono::steady_clock::now());
    if (trimmer_.looks_worth_it(sessions.size(), buffers.held_bytes(),
                                std::chrono::steady_clock::now())) {
      ::malloc_trim(0);
    }
    counters.connections.buffered_bytes.store(static_cast<std::int64_t>(buffers.held_bytes()),
                                              std::memory_order_relaxed);
    counters.connections.waiters.store(static_cast<std::int64_t>(waiters.size()),
                                       std::memory_order_relaxed);
  }
}

void Worker::drain(Milliseconds drain_timeout, std::function<void()> done) {
  asio::post(io, [this, drain_timeout, done = std::move(done)]() mutable {
    assert(!drained_ && !sessions.draining());
    sessions.drain(std::chrono::steady_clock::now(), drain_timeout);
    waiters.wake_all();
    drained_ = std::move(done);
    if (sessions.size() == 0) std::exchange(drained_, nullptr)();
  });
}

void Worker::stop_and_join() {
  busy_.reset();
  io.stop();
  if (!thread_.joinable()) return;
  thread_.join();
  waiters.abandon();
  io.destroy_pending();
}

}  // namespace signalbox
