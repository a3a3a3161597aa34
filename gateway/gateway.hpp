// The running gateway: the store, the threads and the two listeners, made and ended in order. The
// main thread accepts connections, watches Redis and handles signals; the workers do everything
// else.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/thread_pool.hpp>

#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "gateway/access/audit_log.hpp"
#include "gateway/archive/archive_trimmer.hpp"
#include "gateway/hooks/refused_ring.hpp"
#include "gateway/hooks/spooling.hpp"
#include "gateway/limits/refusal_lines.hpp"
#include "gateway/monitoring/health.hpp"
#include "gateway/monitoring/mailbox_watch.hpp"
#include "gateway/monitoring/metrics.hpp"
#include "gateway/store_watch.hpp"
#include "gateway/worker/listener.hpp"
#include "gateway/worker/reloader.hpp"
#include "gateway/worker/runtime.hpp"
#include "gateway/worker/worker.hpp"
#include "store/redis/redis_store.hpp"
#include "store/server/embedded_redis.hpp"
#include "store/spool/spool.hpp"

namespace signalbox {

// The command that shows a newcomer a first message: a sample for the first source whose connector
// has some. Empty where there is no such source.
std::string start_hint(const Config& config);

struct StartOptions {
  bool allow_empty_store = false;  // go on where the store has lost what was acknowledged
};

class Gateway {
 public:
  // `load` reads the configuration again; called from another thread.
  Gateway(LoadedConfig first, Reloader::Load load, StartOptions options = {});
  ~Gateway();
  Gateway(const Gateway&) = delete;
  Gateway& operator=(const Gateway&) = delete;

  // Starts the store and the threads, serves until a signal says otherwise, then drains. Returns
  // the exit status. Throws std::runtime_error with a sentence for people where it cannot start.
  // Call once.
  int run();

 private:
  void start_redis();
  StoreMark start_embedded();
  void watch_store(StoreMark mark);
  void keep_mark(const StoreMark& mark);
  void look_for_cut();
  std::uint64_t store_activity() const;
  RedisStoreOptions store_options() const;
  void open_spool();
  void open_audit();
  void start_workers();
  void open_listeners();
  void limit_connections(const Config& config);
  // Prints the addresses with the first answer of the store, and once that it serves, when it does.
  void announce(bool ready);
  void print_addresses() const;
  void tell_addresses() const;  // in the log
  void wait_for_signal();
  void wait_for_child();
  void check_redis();
  void begin_drain(int signal);
  void close_listeners(Milliseconds left);
  void worker_drained();
  bool can_accept() const;
  bool can_keep() const;
  std::optional<std::string> publish(std::shared_ptr<const Config> next);
  HealthCheck configuration_check() const;
  HealthCheck audit_check() const;
  HealthCheck store_check() const;
  HealthCheck spool_check() const;
  // Nothing while nobody doubts the clock.
  std::optional<HealthCheck> clock_check() const;
  std::vector<HealthCheck> checks() const;
  ConnectionNumbers connections(Listener listener) const;
  Health health() const;

  IoContext main_;
  const std::shared_ptr<const Config> config_;  // the first one: what cannot change
  const StartOptions start_;
  LiveRuntime runtime_;
  Reloader reloader_;
  std::unique_ptr<EmbeddedRedis> redis_;  // null for an outside one
  RedisEndpoint endpoint_;
  std::unique_ptr<RedisStore> main_store_;  // the main thread's own connection
  std::unique_ptr<StoreWatch> store_watch_;
  std::unique_ptr<MailboxWatch> mailbox_watch_;
  std::unique_ptr<ArchiveTrimmer> trimmer_;
  std::unique_ptr<Spool> spool_;  // null: none is configured
  std::unique_ptr<SpoolReplayer> replayer_;
  RefusedRing refused_;
  AuditLog audit_;
  RefusalLines refusal_lines_;
  Health health_;
  boost::asio::thread_pool compressors_{1};
  Shares shares_;
  std::vector<std::unique_ptr<Worker>> workers_;
  std::vector<const ThreadCounters*> counters_;
  std::unique_ptr<ListeningSocket> hooks_;
  std::unique_ptr<ListeningSocket> api_;
  boost::asio::signal_set signals_;
  boost::asio::signal_set child_signals_;
  boost::asio::steady_timer restart_timer_;
  boost::asio::steady_timer drain_timer_;
  std::atomic<std::uint64_t> redis_restarts_{0};
  std::atomic<bool> draining_{false};
  std::size_t undrained_ = 0;
  enum class Announced : std::uint8_t { nothing, waiting, serving };
  Announced announced_ = Announced::nothing;
  int exit_status_ = 0;
};

}  // namespace signalbox
