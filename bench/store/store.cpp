// What a commit costs this process and Redis, pipelined, against the least that a store of messages
// can do: two SET NX with a time to live and one append, in one script, in the same Redis with the
// same durability.
//
//   sb_bench_store [--case commit|bare] [--rounds N] [--events N]
#include <fmt/format.h>
#include <stdlib.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>

#include <unistd.h>

#include <algorithm>
#include <ctime>
#include <filesystem>
#include <fstream>

#include "bench/harness/allocations.hpp"
#include "bench/harness/measure.hpp"
#include "bench/harness/payloads.hpp"
#include "coordination/packed_id.hpp"
#include "coordination/record.hpp"
#include "store/archive.hpp"
#include "store/redis/redis_store.hpp"
#include "store/server/embedded_redis.hpp"

namespace {

using namespace signalbox;
namespace asio = boost::asio;

constexpr std::size_t depth = 32;  // commits under way
constexpr std::size_t message_bytes = 930;
constexpr std::string_view bare_script =
    "if redis.call('SET', KEYS[1], '1', 'NX', 'PX', 259200000) and "
    "redis.call('SET', KEYS[2], '1', 'NX', 'PX', 259200000) then "
    "redis.call('RPUSH', KEYS[3], ARGV[1]) end return 0";

// An event with one message that cites its body, as a webhook that matches a rule makes it.
Commit make_commit(std::uint64_t number, std::uint64_t salt, const std::string& body) {
  Commit commit;
  const auto text = fmt::format("{}-{}", salt, number);
  commit.record.event = event_id("github", text);
  const Digest digest = sha256(text);
  Fingerprint fingerprint;
  std::copy_n(digest.begin(), fingerprint.size(), fingerprint.begin());
  constexpr std::chrono::hours window{72};
  commit.seen = {{"id:github", *pack_id(commit.record.event), window},
                 {"digest:github", fingerprint, window}};
  commit.record.attempt = random_text(attempt_chars);
  commit.record.json = R"({"id":")" + commit.record.event + R"(","source":"github"})";
  commit.record.body = body;
  commit.record.keep = std::chrono::hours{336};
  commit.record.received = SystemClock{}.now();
  commit.appends = {{"reviewer", work_id(text), "m_" + text, std::string(message_bytes, 'm')}};
  commit.mailbox_max = 10'000'000;
  return commit;
}

class Bench {
 public:
  Bench(const std::string& directory, bench::MeasureOptions options)
      : options_{std::move(options)} {
    EmbeddedRedisOptions redis;
    redis.data_dir = directory;
    auto started = EmbeddedRedis::start(std::move(redis));
    if (!started) throw std::runtime_error(started.error().detail);
    redis_ = std::move(*started);
    RedisStoreOptions store;
    store.endpoint = redis_->endpoint();
    store_ = std::make_unique<RedisStore>(io_, store);
    bare_ = std::make_unique<RedisConnection>(io_, redis_->endpoint(), nullptr);
    for (const bench::Payload& payload : bench::load_payloads()) {
      bodies_.push_back(compress_body(payload.body()));
    }
  }

  void run() {
    spawn(&Bench::keep_log_whole);
    run_all();
    struct Kind {
      std::string name;
      Task<void> (Bench::*lane)();
      std::vector<double> own_us, redis_us;
      double allocations = 0;
    };
    std::vector<Kind> kinds{{"floor: bare script", &Bench::bare_lane, {}, {}},
                            {"commit, body apart", &Bench::commit_lane, {}, {}},
                            {"commit with the body", &Bench::body_lane, {}, {}}};
    if (!options_.only.empty()) {
      std::erase_if(kinds, [this](const Kind& kind) { return kind.name != options_.only; });
    }
    for (std::uint32_t round = 0; round <= options_.rounds; ++round) {
      for (Kind& kind : kinds) {
        const Cost cost = one_round(kind.lane);
        if (round == 0) continue;  // warms up
        kind.own_us.push_back(cost.own_us);
        kind.redis_us.push_back(cost.redis_us);
        kind.allocations = cost.allocations;
      }
    }
    for (Kind& kind : kinds) {
      std::sort(kind.own_us.begin(), kind.own_us.end());
      std::sort(kind.redis_us.begin(), kind.redis_us.end());
      const std::size_t middle = kind.own_us.size() / 2;
      fmt::print(
          R"({{"bench":"store","case":"{}","cpu_us_min":{:.3f},"cpu_us_median":{:.3f},"redis_us_min":{:.3f},"redis_us_median":{:.3f},"allocations":{:.2f}}})"
          "\n",
          kind.name, kind.own_us.front(), kind.own_us[middle], kind.redis_us.front(),
          kind.redis_us[middle], kind.allocations);
    }
  }

 private:
  struct Cost {
    double own_us = 0, redis_us = 0, allocations = 0;
  };

  Cost one_round(Task<void> (Bench::*lane)()) {
    ++salt_;
    left_ = options_.events;
    const std::uint64_t allocations = bench::allocation_count();
    const double own = own_cpu_us();
    const double redis = redis_cpu_us();
    for (std::size_t i = 0; i < depth; ++i) spawn(lane);
    run_all();
    const auto events = static_cast<double>(options_.events);
    return {(own_cpu_us() - own) / events, (redis_cpu_us() - redis) / events,
            static_cast<double>(bench::allocation_count() - allocations) / events};
  }

  void run_all() {
    io_.restart();
    while (lanes_ > 0 && io_.run_one_for(std::chrono::seconds{60}) > 0) {
    }
  }

  void spawn(Task<void> (Bench::*lane)()) {
    ++lanes_;
    asio::co_spawn(io_, (this->*lane)(), [this](const std::exception_ptr& failed) {
      --lanes_;
      if (failed) std::rethrow_exception(failed);
    });
  }

  // Redis rewrites its log when that has doubled, and each change then costs it the copy of a page:
  // whatever case is measured at that time would pay for what the others wrote.
  Task<void> keep_log_whole() {
    const Deadline deadline = std::chrono::steady_clock::now() + std::chrono::seconds{10};
    const bool connected = co_await bare_->wait_connected(deadline);
    if (!connected) throw std::runtime_error("no connection");
    CommandWriter writer{bare_->output(), 4};
    writer.add("CONFIG").add("SET").add("auto-aof-rewrite-percentage").add(0);
    const Answer answer = co_await bare_->submit(deadline);
    if (answer.end != Answer::End::reply) throw std::runtime_error("no reply");
  }

  Task<void> commit_lane() {
    return lane_of([](Bench& b, std::uint64_t i) { return b.commit(i, false); });
  }
  Task<void> body_lane() {
    return lane_of([](Bench& b, std::uint64_t i) { return b.commit(i, true); });
  }
  Task<void> bare_lane() {
    return lane_of([](Bench& b, std::uint64_t i) { return b.bare(i); });
  }

  Task<void> lane_of(Task<void> (*step)(Bench&, std::uint64_t)) {
    while (left_ > 0) {
      const std::uint64_t number = --left_;
      co_await step(*this, number);
    }
  }

  Task<void> commit(std::uint64_t number, bool with_body) {
    const std::string none;
    const Commit commit =
        make_commit(number, salt_, with_body ? bodies_[number % bodies_.size()] : none);
    const Deadline deadline = std::chrono::steady_clock::now() + std::chrono::seconds{10};
    const auto result = co_await store_->commit(commit, deadline);
    if (!result) throw std::runtime_error(result.error().detail);
    if (result->status != CommitStatus::committed) throw std::runtime_error("not committed");
  }

  Task<void> bare(std::uint64_t number) {
    const Deadline deadline = std::chrono::steady_clock::now() + std::chrono::seconds{10};
    const bool connected = co_await bare_->wait_connected(deadline);
    if (!connected) throw std::runtime_error("no connection");
    const std::string text = fmt::format("{}-{}", salt_, number);
    CommandWriter writer{bare_->output(), 7};
    writer.add("EVAL").add(bare_script).add(3);
    writer.add_joined({"bare:{main}:id:", text}).add_joined({"bare:{main}:digest:", text});
    writer.add("bare:{main}:mailbox").add(message_);
    const Answer answer = co_await bare_->submit(deadline);
    if (answer.end != Answer::End::reply) throw std::runtime_error("no reply");
  }

  static double own_cpu_us() {
    timespec now{};
    ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return static_cast<double>(now.tv_sec) * 1e6 + static_cast<double>(now.tv_nsec) / 1e3;
  }

  // The processor time of all of its threads, from the kernel's accounting in nanoseconds.
  double redis_cpu_us() const {
    double sum_ns = 0;
    const auto tasks = fmt::format("/proc/{}/task", redis_->pid());
    for (const auto& task : std::filesystem::directory_iterator{tasks}) {
      double ns = 0;
      std::ifstream{task.path() / "schedstat"} >> ns;
      sum_ns += ns;
    }
    return sum_ns / 1e3;
  }

  bench::MeasureOptions options_;
  std::unique_ptr<EmbeddedRedis> redis_;
  asio::io_context io_{1};
  std::unique_ptr<RedisStore> store_;
  std::unique_ptr<RedisConnection> bare_;
  std::vector<std::string> bodies_;
  const std::string message_ = std::string(message_bytes, 'm');
  std::uint64_t left_ = 0;
  std::size_t lanes_ = 0;
  std::uint64_t salt_ = 0;
};

}  // namespace

int main(int argc, char** argv) {
  std::string directory =
      (std::filesystem::temp_directory_path() / "signalbox-bench-XXXXXX").string();
  if (::mkdtemp(directory.data()) == nullptr) return 1;
  int status = 0;
  try {
    Bench bench{directory, bench::read_options(argc, argv, 20'000)};
    bench.run();
  } catch (const std::exception& error) {
    fmt::print(stderr, "sb_bench_store: {}\n", error.what());
    status = 1;
  }
  std::error_code ignored;
  std::filesystem::remove_all(directory, ignored);
  return status;
}
