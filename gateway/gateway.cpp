#include "gateway/gateway.hpp"

#include <fmt/format.h>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>

#include <algorithm>
#include <csignal>
#include <stdexcept>

#include "event/ids.hpp"
#include "gateway/compose.hpp"
#include "gateway/last_resort.hpp"
#include "gateway/telemetry/log.hpp"

namespace signalbox {
namespace {

namespace asio = boost::asio;

// Of drain_timeout, for what comes behind the last answer: threads, spool, Redis.
constexpr Milliseconds last_steps{1'000};
// From the signal to the exit where drain_timeout leaves less, and behind a second signal.
constexpr Milliseconds end_at_once{1'000};

}  // namespace

Gateway::Gateway(LoadedConfig first, Reloader::Load load, StartOptions options)
    : config_{std::move(first.config)},
      start_{options},
      runtime_{std::make_shared<const Runtime>(config_)},
      reloader_{std::move(load), std::move(first.inputs),
                [this](auto next) { return publish(std::move(next)); }},
      signals_{main_, SIGTERM, SIGINT, SIGHUP},
      child_signals_{main_, SIGCHLD},
      restart_timer_{main_},
      drain_timer_{main_} {}

Gateway::~Gateway() {
  if (spool_) spool_->close();  // its thread tells the workers' contexts
  reloader_.stop();
  for (auto& worker : workers_) worker->stop_and_join();
  compressors_.join();
  main_.stop();
  main_.destroy_pending();
}

void Gateway::open_audit() {
  const auto opened = audit_.use({config_->audit_file, config_->audit_max_bytes});
  if (!opened) throw std::runtime_error("audit.file: " + opened.error().detail);
}

void Gateway::start_workers() {
  const SharedParts parts{.compressors = compressors_.get_executor(),
                          .spool = spool_.get(),
                          .refused = &refused_,
                          .audit = &audit_,
                          .lines = &refusal_lines_,
                          .reloader = &reloader_,
                          .health = health_};
  for (std::uint32_t i = 0; i < config_->threads; ++i) {
    auto worker = std::make_unique<Worker>(runtime_.get(), i);
    auto store = std::make_unique<RedisStore>(worker->io, store_options(), &worker->redis_observer);
    Stores::Open open = [&main = *store](const std::string& space) {
      return std::make_unique<RedisStore>(main, space);
    };
    worker->stores =
        std::make_unique<Stores>(std::string{main_space}, std::move(store), std::move(open));
    worker->shares = &shares_;
    compose(*worker, parts);
    worker->subscriber = std::make_unique<WakeSubscriber>(
        worker->io, endpoint_, config_->redis.prefix,
        [&waiters = worker->waiters](std::string_view mailbox) { waiters.wake_one(mailbox); });
    worker->waiters.on_first = [&heard = *worker->subscriber,
                                &one = *worker](const std::string& mailbox) {
      const AgentConfig* agent = one.runtime->config->find_agent(mailbox);
      heard.watch(mailbox, agent == nullptr ? std::string{main_space} : agent->space);
    };
    worker->waiters.on_last = [&heard = *worker->subscriber](const std::string& m) {
      heard.unwatch(m);
    };
    counters_.push_back(&worker->counters);
    workers_.push_back(std::move(worker));
  }
  health_ = health();
  for (auto& worker : workers_) worker->start();
}

int Gateway::run() {
  start_redis();
  open_spool();
  open_audit();
  start_workers();
  open_listeners();
  wait_for_signal();
  hooks_->start();
  api_->start();
  reloader_.on_tick = [this] {
    runtime_.release_retired();
    refusal_lines_.tell();
  };
  reloader_.start();
  tell_addresses();
  store_watch_->on_change = [this](bool ready) { announce(ready); };
  asio::co_spawn(main_, store_watch_->run(), asio::detached);
  main_.run();
  refusal_lines_.tell();
  return exit_status_;
}

void Gateway::wait_for_signal() {
  signals_.async_wait([this](boost::system::error_code failed, int signal) {
    if (failed) return;
    if (signal == SIGHUP) {
      reloader_.request("SIGHUP");
    } else if (draining_) {
      log_line(Severity::warning, "second signal: leaving without waiting");
      exit_status_ = 1;
      end_process_within(end_at_once);
      main_.stop();
      return;
    } else {
      begin_drain(signal);
    }
    wait_for_signal();
  });
}

// Requests that begin from now on are decided by the next configuration; those under way keep
// theirs.
std::optional<std::string> Gateway::publish(std::shared_ptr<const Config> next) {
  const auto before = runtime_.get();
  if (const std::string keys = restart_needed(*before->config, *next); !keys.empty()) {
    return fmt::format("{}: a change of {} needs a restart", next->file, keys);
  }
  const auto opened = audit_.use({next->audit_file, next->audit_max_bytes});
  if (!opened) return fmt::format("{}: audit.file: {}", next->file, opened.error().detail);
  auto runtime = std::make_shared<const Runtime>(next, before.get());
  runtime_.replace(runtime);
  for (auto& worker : workers_) worker->use(runtime);
  hooks_->use(runtime->listeners[static_cast<std::size_t>(Listener::hooks)]);
  api_->use(runtime->listeners[static_cast<std::size_t>(Listener::api)]);
  limit_connections(*next);
  set_log_level(next->log_level);
  set_log_format(log_format_named(next->log_format));
  return std::nullopt;
}

// The order: no longer ready, then no new connections, then the last answers, then the threads,
// then Redis. Who stops it from a keyboard has no balancer that must notice first.
void Gateway::begin_drain(int signal) {
  draining_ = true;
  const auto config = runtime_.get()->config;
  const Milliseconds delay = signal == SIGTERM ? config->drain_delay : Milliseconds{0};
  end_process_within(std::max(config->drain_timeout, end_at_once));
  log_line(Severity::info, "draining",
           {{"signal", signal == SIGTERM ? "SIGTERM" : "SIGINT"},
            {"delay_ms", std::to_string(delay.count())}});
  const Milliseconds left = config->drain_timeout - delay;
  if (delay.count() == 0) return close_listeners(left);
  drain_timer_.expires_after(delay);
  drain_timer_.async_wait([this, left](boost::system::error_code failed) {
    if (!failed) close_listeners(left);
  });
}

void Gateway::close_listeners(Milliseconds left) {
  hooks_->close();
  api_->close();
  undrained_ = workers_.size();
  for (auto& worker : workers_) {
    worker->drain(left, [this] { asio::post(main_, [this] { worker_drained(); }); });
  }
  drain_timer_.expires_after(left - std::min(last_steps, left / 8));
  drain_timer_.async_wait([this](boost::system::error_code failed) {
    if (failed) return;
    log_line(Severity::error, "drain timed out", {{"threads", std::to_string(undrained_)}});
    exit_status_ = 1;
    main_.stop();
  });
}

void Gateway::worker_drained() {
  if (--undrained_ > 0) return;
  log_line(Severity::info, "drained");
  asio::co_spawn(main_, store_watch_->leave_mark(),
                 [this](const std::exception_ptr&) { main_.stop(); });
}

}  // namespace signalbox
