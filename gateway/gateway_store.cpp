// The gateway's store: starting Redis and seeing that it is the one that there was, watching it,
// and the spool beside it.
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>

#include <stdexcept>

#include "gateway/config/redis.hpp"
#include "gateway/gateway.hpp"
#include "gateway/store_check.hpp"
#include "gateway/telemetry/log.hpp"
#include "gateway/telemetry/redis_counters.hpp"
#include "store/own_directory.hpp"
#include "store/server/memory_share.hpp"

namespace signalbox {
namespace {

namespace asio = boost::asio;

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

EmbeddedRedisOptions embedded_options(const std::string& data_dir) {
  EmbeddedRedisOptions options;
  options.data_dir = data_dir;
  options.log = [](Severity severity, const std::string& text) {
    log_line(severity, "embedded redis", {{"detail", text}});
  };
  options.waits_for_lock = [](const std::string& holder) {
    log_line(Severity::warning, "waiting for the lock of data_dir", {{"detail", holder}});
  };
  return options;
}

}  // namespace

StoreMark Gateway::start_embedded() {
  EmbeddedRedisOptions embedded = embedded_options(config_->data_dir);
  embedded.memory_bytes_max = redis_memory_bytes_max(usable_memory_bytes());
  auto started = EmbeddedRedis::start(std::move(embedded));
  if (!started) throw std::runtime_error(started.error().detail);
  redis_ = std::move(*started);
  endpoint_ = redis_->endpoint();
  auto mark =
      check_embedded_store(*redis_, config_->data_dir, store_options(), start_.allow_empty_store);
  if (!mark) throw std::runtime_error(mark.error().detail);
  wait_for_child();
  return std::move(*mark);
}

void Gateway::start_redis() {
  StoreMark mark;
  if (config_->redis.embedded) {
    mark = start_embedded();
  } else {
    mark.gateway = new_gateway_id();
    auto endpoint = redis_endpoint_of(config_->redis);
    if (!endpoint) throw std::runtime_error("redis.tls: " + endpoint.error().detail);
    endpoint_ = std::move(*endpoint);
  }
  main_store_ = std::make_unique<RedisStore>(main_, store_options());
  watch_store(std::move(mark));
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

void Gateway::watch_store(StoreMark mark) {
  StoreWatch::Setting setting;
  setting.endpoint = to_string(endpoint_);
  setting.mark = std::move(mark);
  setting.keep = redis_ ? store_mark_keep : store_mark_keep_short;
  setting.activity = [this] { return store_activity(); };
  if (redis_) {
    setting.on_mark = [this](const StoreMark& marked) { keep_mark(marked); };
    setting.on_ready = [this] { look_for_cut(); };
    // Redis ends itself when it cannot write, and the webhook of that moment is refused.
    setting.obstacle = [this] {
      const bool full = free_bytes(redis_->directory()) < Spool::free_bytes_least;
      return full ? "the disk of " + config_->data_dir + " is full" : std::string{};
    };
  }
  store_watch_ = std::make_unique<StoreWatch>(main_, *main_store_, std::move(setting));
}

// Off the main thread, which a slow disk must not hold up.
void Gateway::keep_mark(const StoreMark& mark) {
  asio::post(compressors_, [directory = redis_->directory(), path = config_->data_dir, mark] {
    if (const auto failed = write_store_mark(directory, path, mark))
      log_line(Severity::warning, "store mark not kept", {{"detail", failed->detail}});
  });
}

void Gateway::look_for_cut() {
  const std::string line = redis_->look_for_cut();
  if (!line.empty()) store_watch_->tell_lost("Redis has cut its append-only file short: " + line);
}

// Commands that the workers had answered: webhooks, sends, and what agents do.
std::uint64_t Gateway::store_activity() const {
  std::uint64_t commands = 0;
  for (const ThreadCounters* thread : counters_) {
    for (std::size_t i = 0; i <= latency_bounds_us.size(); ++i)
      commands += thread->redis.round_trip.bucket(i);
  }
  return commands;
}

void Gateway::open_spool() {
  if (config_->spool_max_bytes == 0) return;
  const auto directory = open_own_directory(config_->data_dir);
  if (!directory) throw std::runtime_error(directory.error().detail);
  const std::string path = config_->data_dir + "/spool";
  const auto inner = open_own_directory(directory->get(), "spool", path);
  if (!inner) throw std::runtime_error(inner.error().detail);
  auto opened = Spool::open(path, config_->spool_max_bytes);
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
  options.spooled = config_->spool_max_bytes > 0;
  return options;
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

}  // namespace signalbox
