// The private redis-server of `redis: embedded`: a child of this process, reachable through a unix
// socket in the data directory only, that writes each change to its append-only file before it
// answers.
//
// All calls must come from one thread that lives as long as the process does, best its first one:
// the kernel ends the child when the thread that started it ends (PR_SET_PDEATHSIG), so a gateway
// that is killed takes its Redis along. The child also holds the lock on the data directory, so
// nobody opens the files before it is gone.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "event/clock.hpp"
#include "event/error.hpp"
#include "store/backoff.hpp"
#include "store/redis/redis_endpoint.hpp"
#include "store/server/data_lock.hpp"

namespace signalbox {

struct EmbeddedRedisOptions {
  std::string data_dir;
  std::string program = "redis-server";  // a path, or a name to be found in PATH
  Milliseconds lock_timeout{10'000};     // for a predecessor to end
  DataLock::Waits waits_for_lock;        // called when there is one; may be empty
  Milliseconds start_timeout{10'000};    // to the first answer
  Milliseconds load_timeout{600'000};    // to read its append-only file
  Milliseconds stop_timeout{10'000};     // from SIGTERM to SIGKILL
  std::uint64_t memory_bytes_max = 0;    // of its data (`maxmemory`); 0: any
  // Told of starts and ends; may be empty.
  std::function<void(Severity, const std::string&)> log;
};

class EmbeddedRedis {
 public:
  static constexpr Milliseconds restart_first{100};
  static constexpr Milliseconds restart_max{10'000};
  static constexpr Milliseconds stable_after{
      60'000};  // having lived so long, it starts at once the next time
  static constexpr off_t log_bytes_max =
      1024 * 1024;  // data_dir/redis.log is emptied at a start beyond it

  // Returns once it answers and has loaded its data. store_unavailable with what to do about it:
  // the lock is held, the program is not installed, it ended at once (with the last line of its
  // log), it is not ready in time.
  static Result<std::unique_ptr<EmbeddedRedis>> start(EmbeddedRedisOptions options);

  ~EmbeddedRedis();  // stop()
  EmbeddedRedis(const EmbeddedRedis&) = delete;
  EmbeddedRedis& operator=(const EmbeddedRedis&) = delete;

  // Through a descriptor of this process, so the path is short wherever the data directory is.
  RedisEndpoint endpoint() const;

  // Reaps the child if it has ended, and starts it again with back-off. To be called on SIGCHLD,
  // and again after the time that it returns. Never waits.
  std::optional<Milliseconds> check();

  // SIGTERM, and SIGKILL after stop_timeout: nothing that was acknowledged is lost by either. Waits
  // for the end.
  void stop();

  pid_t pid() const noexcept { return pid_; }  // 0: not running
  int directory() const noexcept { return lock_.directory(); }

  // What its log says, since it was looked at last, of an append-only file that was cut: the line;
  // empty where nothing.
  std::string look_for_cut();

 private:
  EmbeddedRedis(EmbeddedRedisOptions options, DataLock lock, std::string program);
  std::optional<Error> spawn();
  std::optional<Error> wait_ready();
  bool reap();
  void log(Severity severity, const std::string& text) const;
  std::string log_path() const;
  std::string last_log_line() const;

  EmbeddedRedisOptions options_;
  DataLock lock_;
  std::string program_;  // absolute
  pid_t pid_ = 0;
  std::string end_;       // how the last one ended, for people
  off_t log_looked_ = 0;  // how far into its log
  std::chrono::steady_clock::time_point started_{};
  std::chrono::steady_clock::time_point next_start_{};
  Backoff backoff_{restart_first, restart_max};
};

}  // namespace signalbox
