// Redis, asked directly: does it answer, and can it be trusted with messages?
#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <charconv>

#include "event/owned_fd.hpp"
#include "gateway/cli/doctor/report.hpp"
#include "gateway/config/redis.hpp"
#include "store/redis/redis_store.hpp"
#include "store/redis/server_error.hpp"
#include "store/server/redis_process.hpp"

namespace signalbox {
namespace {

namespace asio = boost::asio;

struct RedisAnswers {
  std::string trouble;  // why there is no more of these; may be empty
  bool reached = false;
  std::string info;
  std::string config;
  std::string write_error;            // what a write was answered with; empty: it would be taken
  std::optional<Milliseconds> ahead;  // Redis's clock before ours
  Milliseconds round_trip{};
};

Task<Result<Reply>> ask(RedisConnection& connection, std::vector<std::string> words,
                        Deadline deadline) {
  if (!connection.connected()) co_return Error{Reason::store_unavailable, connection.trouble()};
  {
    CommandWriter writer{connection.output(), words.size()};
    for (const std::string& word : words) writer.add(word);
  }
  Answer answer = co_await connection.submit(deadline);
  if (answer.end == Answer::End::late)
    co_return Error{Reason::store_unavailable, "it does not answer"};
  if (answer.end != Answer::End::reply)
    co_return Error{Reason::store_unavailable, connection.trouble()};
  if (answer.reply.is(Reply::Kind::error))
    co_return Error{Reason::store_refused, answer.reply.text};
  co_return std::move(answer.reply);
}

std::int64_t integer_of(std::string_view text) {
  std::int64_t number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

void read_clock(RedisAnswers& answers, const Reply& reply, Time before, Time after) {
  if (reply.elements.size() != 2) return;
  const Time there{std::chrono::seconds{integer_of(reply.elements[0].text)} +
                   Milliseconds{integer_of(reply.elements[1].text) / 1000}};
  answers.round_trip = after - before;
  answers.ahead = std::chrono::duration_cast<Milliseconds>(there - (before + (after - before) / 2));
}

Task<void> interview(RedisConnection& connection, std::string prefix, RedisAnswers& answers,
                     Deadline deadline) {
  const bool reached = co_await connection.wait_connected(deadline);
  if (!reached) {
    answers.trouble = connection.trouble();
    co_return;
  }
  std::vector<std::string> words{"INFO"};
  const auto info = co_await ask(connection, words, deadline);
  if (!info) {
    answers.trouble = info.error().detail;
    co_return;
  }
  answers.reached = true;
  answers.info = info->text;
  // Managed servers allow no CONFIG, and before version 7 it takes one name.
  for (const char* name : {"appendfsync", "save"}) {
    words = {"CONFIG", "GET", name};
    const auto setting = co_await ask(connection, words, deadline);
    if (!setting) break;
    for (const Reply& element : setting->elements) answers.config += element.text + "\n";
  }
  words = write_probe(prefix);
  const auto written = co_await ask(connection, words, deadline);
  if (!written) answers.write_error = written.error().detail;
  words = {"TIME"};
  const Time before = SystemClock{}.now();
  const auto time = co_await ask(connection, words, deadline);
  if (time) read_clock(answers, *time, before, SystemClock{}.now());
}

RedisAnswers interview(const RedisEndpoint& endpoint, const std::string& prefix) {
  RedisAnswers answers;
  asio::io_context io{1};
  RedisConnection connection{io, endpoint, nullptr};
  const Deadline deadline = std::chrono::steady_clock::now() + doctor_redis_timeout;
  asio::co_spawn(io, interview(connection, prefix, answers, deadline),
                 [&io](const std::exception_ptr&) { io.stop(); });
  io.run_for(doctor_redis_timeout + std::chrono::seconds{1});
  return answers;
}

std::string_view info_of(std::string_view info, std::string_view name) {
  const std::string key = fmt::format("\n{}:", name);
  const std::size_t at = info.find(key);
  if (at == std::string_view::npos) return {};
  const std::string_view rest = info.substr(at + key.size());
  return rest.substr(0, rest.find_first_of("\r\n"));
}

void examine_durability(DoctorReport& report, const ServerFacts& facts) {
  const std::string found = describe_durability(facts);
  const bool file = facts.append_only_file;
  if (file && facts.fsync == "always") {
    report.good("redis.durability", found);
  } else if (file || !facts.snapshots.empty()) {
    report.warning("redis.durability", found,
                   file ? "CONFIG SET appendfsync always, unless that loss is acceptable"
                        : "CONFIG SET appendonly yes, and appendfsync always");
  } else {
    report.bad("redis.durability", found,
               "CONFIG SET appendonly yes and appendfsync always, or choose a durable Redis");
  }
}

void examine_writes(DoctorReport& report, const RedisAnswers& answers) {
  const std::string_view info = answers.info;
  if (info_of(info, "role") == "slave") {
    report.bad("redis.writes", "this Redis is a replica and takes no writes",
               "point redis.url at the primary");
  } else if (info_of(info, "loading") == "1") {
    report.bad("redis.writes", "Redis is still reading its files", "wait; see INFO persistence");
  } else if (info_of(info, "aof_last_write_status") == "err") {
    report.bad("redis.writes", "the last write of the append-only file failed",
               "see Redis's log; is its disk full?");
  } else if (info_of(info, "rdb_last_bgsave_status") == "err") {
    report.bad("redis.writes", "the last snapshot failed",
               "see Redis's log; is its disk full, or its memory short for a fork?");
  } else if (!answers.write_error.empty()) {
    report.bad("redis.writes", describe_server_error(answers.write_error),
               "no webhook is stored: see the table of Redis's answers in docs/OPERATIONS.md");
  } else {
    report.good("redis.writes", "it takes writes");
  }
}

void examine_answers(DoctorReport& report, const Config& config, const RedisAnswers& answers) {
  const ServerFacts facts = read_server_facts(answers.info, answers.config);
  if (const auto refused = refuse_server(facts)) {
    report.bad("redis.server", refused->detail,
               "the gateway refuses this server: change its setting, or upgrade it");
  } else {
    report.good("redis.server",
                fmt::format("Redis {}, maxmemory-policy {}", facts.version,
                            facts.maxmemory_policy.empty() ? "unknown" : facts.maxmemory_policy));
  }
  examine_durability(report, facts);
  examine_writes(report, answers);
  const auto bytes = [&](std::string_view name) {
    return static_cast<std::uint64_t>(integer_of(info_of(answers.info, name)));
  };
  examine_memory(report, bytes("used_memory"), bytes("maxmemory"));
  if (answers.ahead) {
    examine_clock(report, "redis.clock", "Redis's clock", *answers.ahead, answers.round_trip);
  }
  if (config.redis.embedded) examine_kernel(report, bytes("used_memory"));
}

}  // namespace

void examine_redis(DoctorReport& report, const Config& config) {
  RedisEndpoint endpoint;
  OwnedFd directory;
  std::string advice = "see the table of Redis's answers in docs/OPERATIONS.md";
  if (config.redis.embedded) {
    // By a descriptor, so that the socket's path is short wherever the directory is.
    directory = OwnedFd{::open(config.data_dir.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC)};
    if (directory.get() < 0) {
      return report.bad("redis", fmt::format("there is no {} yet", config.data_dir),
                        "it comes with the gateway's first start: signalbox serve");
    }
    endpoint.socket = fmt::format("/proc/self/fd/{}/{}", directory.get(), redis_socket_name);
    advice = fmt::format(
        "it runs as long as the gateway does: start that (signalbox serve); else "
        "see {}/{}",
        config.data_dir, redis_log_name);
  } else {
    auto made = redis_endpoint_of(config.redis);
    if (!made) return report.bad("redis", made.error().detail, "mend the files of redis.tls");
    endpoint = std::move(*made);
  }
  const std::string name =
      config.redis.embedded ? "the embedded Redis" : "Redis at " + to_string(endpoint);
  const RedisAnswers answers = interview(endpoint, key_prefix(config.redis.prefix));
  if (!answers.reached) {
    report.bad("redis", fmt::format("{} does not answer: {}", name, answers.trouble), advice);
    return;
  }
  report.good("redis", name + " answers");
  examine_answers(report, config, answers);
}

}  // namespace signalbox
