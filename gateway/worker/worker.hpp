// One I/O thread: its io_context, its stores, its scratch memory, its sessions. It composes them
// and serves connections; what handles their requests is given narrow settings
// (gateway/compose.cpp), not the worker. Everything here is used from that thread only, but for
// what says otherwise and the counters.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include <array>
#include <atomic>
#include <functional>
#include <memory>
#include <thread>

#include "connectors/connector.hpp"
#include "coordination/attempt_marks.hpp"
#include "gateway/archive/archiver.hpp"
#include "gateway/http/buffer.hpp"
#include "gateway/http/session.hpp"
#include "gateway/telemetry/counters.hpp"
#include "gateway/worker/connection_taker.hpp"
#include "gateway/worker/heap_trimmer.hpp"
#include "gateway/worker/runtime.hpp"
#include "gateway/worker/stores.hpp"
#include "gateway/worker/waiters.hpp"
#include "store/redis/redis_connection.hpp"
#include "store/redis/wake.hpp"

namespace signalbox {

// An io_context whose unfinished coroutines can be destroyed while what they refer to is still
// there.
class IoContext : public boost::asio::io_context {
 public:
  IoContext() : io_context{1} {}
  // What a destroyed coroutine leaves behind is posted again, so once is not enough.
  void destroy_pending() {
    for (int i = 0; i < 4; ++i) shutdown();
  }
};

// Counts what happens to a thread's connections to Redis. The log has one line when the process
// loses the first of them, and one when it has all of them again.
class RedisObserver final : public ConnectionObserver {
 public:
  explicit RedisObserver(ThreadCounters& counters) : counters_{counters} {}
  ~RedisObserver();
  RedisObserver(const RedisObserver&) = delete;
  RedisObserver& operator=(const RedisObserver&) = delete;
  void on_round_trip(std::chrono::nanoseconds duration) override;
  void on_connected() override;
  void on_lost(const std::string& why) override;

 private:
  ThreadCounters& counters_;
  bool lost_ = false;
};

struct Worker final : ConnectionTaker {
  // `index`: its seats in the runtime.
  Worker(std::shared_ptr<const Runtime> runtime, std::size_t index);
  ~Worker() override;
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;

  // Thread-safe: requests that begin from now on use this one.
  void use(std::shared_ptr<const Runtime> next);

  void adopt(int socket, Listener listener, ConnectionShare share) override;
  void make_room(Listener listener) override;
  std::size_t load(Listener listener) const noexcept override {
    return load_[static_cast<std::size_t>(listener)].load(std::memory_order_relaxed);
  }

  void start();  // spawns the thread
  // Thread-safe: answers say close from now on, and sessions wait for their peers no longer than a
  // drain of `drain_timeout` allows; done() is called once none is left.
  void drain(Milliseconds drain_timeout, std::function<void()> done);
  void stop_and_join();

  IoContext io;
  std::shared_ptr<const Runtime> runtime;
  const std::size_t index;
  std::array<std::shared_ptr<const ListenerConfig>, 2> limits;  // by Listener, of the runtime
  ThreadCounters counters;
  BufferPool buffers;
  ParseScratch parse_scratch;
  AttemptMarks attempt_marks;
  SessionList sessions;
  Waiters waiters;
  RedisObserver redis_observer{counters};
  // Set before start().
  std::unique_ptr<Stores> stores;
  std::unique_ptr<WakeSubscriber> subscriber;
  std::unique_ptr<Archiver> archiver;
  std::unique_ptr<Handler> hooks_handler;
  std::unique_ptr<Handler> api_handler;
  Shares* shares = nullptr;  // of all threads; null: addresses have no limits

 private:
  Task<void> sweep();
  Task<void> serve(Socket socket, Listener listener, ConnectionShare share);

  std::array<std::atomic<std::size_t>, 2> load_{};  // by Listener
  HeapTrimmer trimmer_;
  std::function<void()> drained_;
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> busy_{io.get_executor()};
  std::thread thread_;
};

}  // namespace signalbox
