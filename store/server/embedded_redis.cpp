#include "store/server/embedded_redis.hpp"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cassert>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <string_view>
#include <thread>

#include "event/owned_fd.hpp"
#include "store/own_directory.hpp"
#include "store/server/redis_process.hpp"

namespace signalbox {
namespace {

using SteadyClock = std::chrono::steady_clock;

constexpr Milliseconds poll_interval{20};
constexpr Milliseconds answer_timeout{1'000};
constexpr std::size_t log_line_max = 200;
constexpr std::size_t log_look_bytes_max = 256 * 1024;  // of what a start logs

enum class Health : std::uint8_t { away, loading, ready };

// Asks the server how it is; waits for its answer a second at most.
Health ask(const std::string& path) {
  const OwnedFd socket{::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)};
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  path.copy(address.sun_path, sizeof address.sun_path - 1);
  timeval timeout{std::chrono::duration_cast<std::chrono::seconds>(answer_timeout).count(), 0};
  ::setsockopt(socket.get(), SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof timeout);
  ::setsockopt(socket.get(), SOL_SOCKET, SO_SNDTIMEO, &timeout, sizeof timeout);
  if (::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    return Health::away;
  }
  constexpr std::string_view ping = "PING\r\n";
  if (::send(socket.get(), ping.data(), ping.size(), MSG_NOSIGNAL) < 0) return Health::away;
  char answer[64];
  const ssize_t size = ::recv(socket.get(), answer, sizeof answer, 0);
  const std::string_view text{answer, size > 0 ? static_cast<std::size_t>(size) : 0};
  if (text.starts_with("+PONG")) return Health::ready;
  return text.starts_with("-LOADING") ? Health::loading : Health::away;
}

std::string describe_end(int status) {
  if (WIFSIGNALED(status))
    return std::string{"killed by signal "} + std::to_string(WTERMSIG(status));
  return "ended with status " + std::to_string(WEXITSTATUS(status));
}

}  // namespace

EmbeddedRedis::EmbeddedRedis(EmbeddedRedisOptions options, DataLock lock, std::string program)
    : options_{std::move(options)}, lock_{std::move(lock)}, program_{std::move(program)} {}

Result<std::unique_ptr<EmbeddedRedis>> EmbeddedRedis::start(EmbeddedRedisOptions options) {
  auto program = find_program(options.program);
  if (!program) {
    return Error{
        Reason::store_unavailable,
        options.program +
            " is not installed: apt-get install redis-server, or point `redis` at another Redis"};
  }
  auto lock = DataLock::acquire(options.data_dir, options.lock_timeout, options.waits_for_lock);
  if (!lock) return lock.error();
  std::unique_ptr<EmbeddedRedis> redis{
      new EmbeddedRedis{std::move(options), std::move(*lock), std::move(*program)}};
  if (auto failure = redis->spawn()) return std::move(*failure);
  if (auto failure = redis->wait_ready()) return std::move(*failure);
  return redis;
}

EmbeddedRedis::~EmbeddedRedis() { stop(); }

RedisEndpoint EmbeddedRedis::endpoint() const {
  RedisEndpoint endpoint;
  endpoint.socket = "/proc/self/fd/" + std::to_string(lock_.directory()) + "/" + redis_socket_name;
  return endpoint;
}

void EmbeddedRedis::log(Severity severity, const std::string& text) const {
  if (options_.log) options_.log(severity, text);
}

std::optional<Error> EmbeddedRedis::spawn() {
  assert(pid_ == 0);  // two of them would write to one file
  const auto log_file =
      open_own_file(lock_.directory(), redis_log_name, O_RDWR | O_CREAT | O_APPEND, log_path());
  if (!log_file) return log_file.error();
  struct stat about {};
  if (::fstat(log_file->get(), &about) == 0 && about.st_size > log_bytes_max) {
    if (::ftruncate(log_file->get(), 0) == 0) about.st_size = 0;
  }
  log_looked_ = about.st_size;
  const auto started = start_redis(RedisProcess{program_, lock_.directory(), lock_.descriptor(),
                                                log_file->get(), options_.memory_bytes_max});
  started_ = SteadyClock::now();
  if (!started) return started.error();
  pid_ = *started;
  assert(pid_ > 0);
  log(Severity::info, "redis-server started, process " + std::to_string(pid_));
  return std::nullopt;
}

std::optional<Error> EmbeddedRedis::wait_ready() {
  const auto no_answer = started_ + options_.start_timeout;
  const auto not_loaded = started_ + options_.load_timeout;
  bool loading = false;
  while (SteadyClock::now() < (loading ? not_loaded : no_answer)) {
    const Health health = ask(endpoint().socket);
    if (health == Health::ready) return std::nullopt;
    if (health == Health::loading && !loading)
      log(Severity::info, "redis-server reads its append-only file");
    loading = loading || health == Health::loading;
    if (reap()) {
      return Error{Reason::store_unavailable,
                   "redis-server " + end_ + "; " + log_path() + " ends with: " + last_log_line()};
    }
    std::this_thread::sleep_for(poll_interval);
  }
  return Error{Reason::store_unavailable,
               loading ? "redis-server has not read its append-only file in time"
                       : "redis-server does not answer; see " + log_path()};
}

// True when it has ended.
bool EmbeddedRedis::reap() {
  int status = 0;
  if (pid_ == 0) return true;
  const pid_t ended = ::waitpid(pid_, &status, WNOHANG);
  if (ended == 0 || (ended < 0 && errno == EINTR)) return false;
  end_ = ended > 0 ? describe_end(status) : "ended";
  pid_ = 0;
  return true;
}

std::optional<Milliseconds> EmbeddedRedis::check() {
  const auto now = SteadyClock::now();
  if (pid_ != 0) {
    if (!reap()) return std::nullopt;
    if (now - started_ >= stable_after) backoff_.reset();
    const Milliseconds wait = backoff_.next();
    next_start_ = now + wait;
    log(Severity::error, "redis-server " + end_ + "; it starts again in " + format_duration(wait));
  }
  if (now < next_start_) return std::chrono::ceil<Milliseconds>(next_start_ - now);
  if (const auto failure = spawn()) {
    log(Severity::error, failure->detail);
    next_start_ = now + backoff_.next();
    return std::chrono::ceil<Milliseconds>(next_start_ - now);
  }
  return std::nullopt;
}

void EmbeddedRedis::stop() {
  if (pid_ == 0) return;
  ::kill(pid_, SIGTERM);
  ::kill(pid_, SIGCONT);  // a stopped process would not see the other
  const auto deadline = SteadyClock::now() + options_.stop_timeout;
  while (!reap()) {
    if (SteadyClock::now() >= deadline) {
      log(Severity::warning, "redis-server did not end in time and is killed");
      ::kill(pid_, SIGKILL);
      ::waitpid(pid_, nullptr, 0);
      pid_ = 0;
      return;
    }
    std::this_thread::sleep_for(poll_interval);
  }
  log(Severity::info, "redis-server " + end_);
}

std::string EmbeddedRedis::log_path() const { return options_.data_dir + "/" + redis_log_name; }

std::string EmbeddedRedis::look_for_cut() {
  const auto file = open_own_file(lock_.directory(), redis_log_name, O_RDONLY, log_path());
  if (!file) return {};
  std::string text(log_look_bytes_max, '\0');
  const ssize_t got = ::pread(file->get(), text.data(), text.size(), log_looked_);
  text.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
  log_looked_ += static_cast<off_t>(text.size());
  const std::size_t at = text.find("Truncating the AOF");
  if (at == std::string::npos) return {};
  const std::size_t begin = text.rfind('\n', at) + 1;  // 0 for the first line
  return text.substr(begin, std::min(text.find('\n', at) - begin, log_line_max));
}

std::string EmbeddedRedis::last_log_line() const {
  const OwnedFd file{
      ::openat(lock_.directory(), redis_log_name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC)};
  if (!file) return {};
  char tail[4096];
  const off_t size = ::lseek(file.get(), 0, SEEK_END);
  const ssize_t got = ::pread(file.get(), tail, sizeof tail,
                              std::max<off_t>(0, size - static_cast<off_t>(sizeof tail)));
  std::string text{tail, got > 0 ? static_cast<std::size_t>(got) : 0};
  while (!text.empty() && text.back() == '\n') text.pop_back();
  return text.substr(text.find_last_of('\n') + 1).substr(0, log_line_max);
}

}  // namespace signalbox
