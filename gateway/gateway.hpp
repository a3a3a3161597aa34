// The running gateway: the store, the threads and the two listeners, made and ended in order. The main
// thread accepts connections, watches Redis and handles signals; the workers do everything else.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/thread_pool.hpp>

#include <atomic>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "gateway/health.hpp"
#include "gateway/listener.hpp"
#include "gateway/runtime.hpp"
#include "gateway/worker.hpp"
#include "store/embedded_redis.hpp"
#include "store/redis_store.hpp"
#include "store/wake.hpp"

namespace signalbox {

class Gateway {
 public:
  // Starts the store and the threads. Throws std::runtime_error with a sentence for people.
  explicit Gateway(std::shared_ptr<const Config> config);
  ~Gateway();
  Gateway(const Gateway&) = delete;
  Gateway& operator=(const Gateway&) = delete;

  // Serves until a signal says otherwise, then drains. Returns the exit status.
  int run();

 private:
  void start_workers();
  void open_listeners();
  void wait_for_signal();
  void begin_drain();
  void worker_drained();
  Task<void> watch_store();
  std::vector<HealthCheck> checks() const;
  Health health() const;

  IoContext main_;
  std::shared_ptr<const Config> config_;
  std::shared_ptr<const Runtime> runtime_;
  std::unique_ptr<EmbeddedRedis> redis_;  // null for an outside one
  RedisEndpoint endpoint_;
  std::unique_ptr<ThreadCounters> watch_counters_;
  std::unique_ptr<RedisStore> watch_store_;  // the main thread's own connection
  boost::asio::thread_pool compressors_{1};
  std::vector<std::unique_ptr<Worker>> workers_;
  std::vector<std::unique_ptr<WakeSubscriber>> subscribers_;
  std::vector<const ThreadCounters*> counters_;
  std::unique_ptr<ListeningSocket> hooks_;
  std::unique_ptr<ListeningSocket> api_;
  boost::asio::signal_set signals_;
  boost::asio::steady_timer drain_timer_;
  std::atomic<bool> store_ready_{false};
  std::atomic<bool> draining_{false};
  mutable std::mutex store_detail_mutex_;
  std::string store_detail_ = "not asked yet";
  std::size_t undrained_ = 0;
  int exit_status_ = 0;
};

}  // namespace signalbox
