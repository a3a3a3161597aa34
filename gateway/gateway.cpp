#include "gateway/gateway.hpp"

#include <fmt/format.h>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>

#include <algorithm>
#include <csignal>
#include <stdexcept>

#include "connectors/samples/samples.hpp"
#include "gateway/compose.hpp"
#include "gateway/config/redis.hpp"
#include "gateway/last_resort.hpp"
#include "gateway/telemetry/log.hpp"
#include "gateway/telemetry/version.hpp"

namespace signalbox {
namespace {

namespace asio = boost::asio;

// Of drain_timeout, for what comes behind the last answer: threads, spool, Redis.
constexpr Milliseconds last_steps{1'000};
// From the signal to the exit where drain_timeout leaves less, and behind a second signal.
constexpr Milliseconds end_at_once{1'000};

std::string address_text(const ListenAddress& listen, std::uint16_t port) {
  const bool is_v6 = listen.host.find(':') != std::string::npos;
  return fmt::format("{}{}{}:{}", is_v6 ? "[" : "", listen.host, is_v6 ? "]" : "", port);
}

// Looks into the mailbox where it is: in the agent's namespace.
Task<Result<Peeked>> peek_in(const RedisStore& main, const AgentConfig& agent, Deadline deadline) {
  RedisStore store{main, agent.space};
  co_return co_await store.peek(agent.name, 1, deadline);
}

Task<Result<ArchiveState>> trim_in(const RedisStore& main, std::string space, ArchiveBounds bounds,
                                   Deadline deadline) {
  RedisStore store{main, space};
  co_return co_await store.trim_archive(bounds, deadline);
}

}  // namespace

std::string start_hint(const Config& config) {
  for (const SourceConfig& source : config.sources) {
    const std::string_view connector = source.connector->name;
    const std::string_view type = first_sample_type(connector);
    if (type.empty()) continue;
    return fmt::format("signalbox sample {} {} --post {}", connector, type, source.name);
  }
  return {};
}

Gateway::Gateway(LoadedConfig first, Reloader::Load load)
    : config_{std::move(first.config)},
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

void Gateway::start_redis() {
  if (config_->redis.embedded) {
    EmbeddedRedisOptions embedded;
    embedded.data_dir = config_->data_dir;
    embedded.log = [](Severity severity, const std::string& text) {
      log_line(severity, "embedded redis", {{"detail", text}});
    };
    auto started = EmbeddedRedis::start(std::move(embedded));
    if (!started) throw std::runtime_error(started.error().detail);
    redis_ = std::move(*started);
    endpoint_ = redis_->endpoint();
    wait_for_child();
  } else {
    auto endpoint = redis_endpoint_of(config_->redis);
    if (!endpoint) throw std::runtime_error("redis.tls: " + endpoint.error().detail);
    endpoint_ = std::move(*endpoint);
  }
  main_store_ = std::make_unique<RedisStore>(main_, store_options());
  store_watch_ = std::make_unique<StoreWatch>(main_, *main_store_, to_string(endpoint_));
  asio::co_spawn(main_, store_watch_->run(), asio::detached);
  mailbox_watch_ = std::make_unique<MailboxWatch>(
      main_,
      [this](const AgentConfig& agent, Deadline deadline) {
        return peek_in(*main_store_, agent, deadline);
      },
      [this] { return runtime_.get()->config; });
  asio::co_spawn(main_, mailbox_watch_->run(), asio::detached);
  trimmer_ = std::make_unique<ArchiveTrimmer>(
      main_,
      [this](const std::string& space, ArchiveBounds bounds, Deadline deadline) {
        return trim_in(*main_store_, space, bounds, deadline);
      },
      [this] { return runtime_.get()->config; });
  asio::co_spawn(main_, trimmer_->run(), asio::detached);
}

void Gateway::open_spool() {
  if (config_->spool_max_bytes == 0) return;
  auto opened = Spool::open(config_->data_dir + "/spool", config_->spool_max_bytes);
  if (!opened) throw std::runtime_error(opened.error().detail);
  spool_ = std::move(*opened);
  replayer_ = std::make_unique<SpoolReplayer>(
      main_,
      [this](const std::string& space) {
        return std::make_unique<RedisStore>(*main_store_, space);
      },
      *spool_);
  asio::co_spawn(main_, replayer_->run(), asio::detached);
}

RedisStoreOptions Gateway::store_options() const {
  RedisStoreOptions options;
  options.endpoint = endpoint_;
  options.prefix = config_->redis.prefix;
  return options;
}

void Gateway::start_workers() {
  const SharedParts parts{.compressors = compressors_.get_executor(),
                          .spool = spool_.get(),
                          .refused = &refused_,
                          .health = health_};
  for (std::uint32_t i = 0; i < config_->threads; ++i) {
    auto worker = std::make_unique<Worker>(runtime_.get(), i);
    auto store = std::make_unique<RedisStore>(worker->io, store_options(), &worker->redis_observer);
    Stores::Open open = [&main = *store](const std::string& space) {
      return std::make_unique<RedisStore>(main, space);
    };
    worker->stores =
        std::make_unique<Stores>(std::string{main_space}, std::move(store), std::move(open));
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
  start_workers();
  open_listeners();
  wait_for_signal();
  hooks_->start();
  api_->start();
  reloader_.on_tick = [this] { runtime_.release_retired(); };
  reloader_.start();
  announce();
  main_.run();
  return exit_status_;
}

void Gateway::announce() const {
  const std::string hooks = address_text(config_->hooks.listen, hooks_->port());
  const std::string api = address_text(config_->api.listen, api_->port());
  fmt::print("signalbox {} serves site '{}' with {} rules\n", version, config_->site,
             config_->rules->rules().size());
  for (const SourceConfig& source : config_->sources) {
    fmt::print("  hooks  {}://{}/hooks/{}  ({})\n", config_->hooks.tls ? "https" : "http", hooks,
               source.name, source.connector->name);
  }
  fmt::print("  api    {}://{}  (/v1, /metrics, /livez, /readyz)\n",
             config_->api.tls ? "https" : "http", api);
  if (const std::string hint = start_hint(*config_); !hint.empty()) fmt::print("next: {}\n", hint);
  std::fflush(stdout);
  log_line(Severity::info, "listening", {{"hooks", hooks}, {"api", api}, {"version", version}});
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
  auto runtime = std::make_shared<const Runtime>(next, before.get());
  runtime_.replace(runtime);
  for (auto& worker : workers_) worker->use(runtime);
  hooks_->use(runtime->listeners[static_cast<std::size_t>(Listener::hooks)]);
  api_->use(runtime->listeners[static_cast<std::size_t>(Listener::api)]);
  limit_connections(*next);
  set_log_level(next->log_level);
  return std::nullopt;
}

// The embedded Redis ended, or it is time to start it again.
void Gateway::wait_for_child() {
  child_signals_.async_wait([this](boost::system::error_code failed, int) {
    if (failed) return;
    check_redis();
    wait_for_child();
  });
}

void Gateway::check_redis() {
  const pid_t before = redis_->pid();
  const auto again = redis_->check();
  if (redis_->pid() != 0 && redis_->pid() != before) redis_restarts_.fetch_add(1);
  if (!again) return;
  restart_timer_.expires_after(*again);
  restart_timer_.async_wait([this](boost::system::error_code failed) {
    if (!failed) check_redis();
  });
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
  main_.stop();
}

}  // namespace signalbox
