#include "store/server/redis_process.hpp"

#include <fcntl.h>
#include <linux/close_range.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>

#include "event/owned_fd.hpp"

namespace signalbox {
namespace {

// One server, reached through one socket, that has every change on disk before it answers
// (redis.conf of Redis 7.0). Every user of the machine can read these: nothing here may be secret.
constexpr std::array arguments{
    "redis-server",
    "--port",
    "0",
    "--unixsocket",
    redis_socket_name,
    "--unixsocketperm",
    "700",
    "--dir",
    ".",
    "--appendonly",
    "yes",
    "--appendfsync",
    "always",
    "--save",
    "",
    "--maxmemory-policy",
    "noeviction",
    "--daemonize",
    "no",
    "--lazyfree-lazy-expire",
    "yes",
    "--loglevel",
    "notice",
};

constexpr int lock_in_child = 3;
constexpr int directory_in_child = 4;  // it is locked too
constexpr int status_in_child = 5;
constexpr int descriptors_max = 65'536;

// Between fork and exec of a process with threads only async-signal-safe calls may be made: locks
// of other threads stay locked for ever. (signal-safety(7))
[[noreturn]] void become_redis(const RedisProcess& process, int null, int status, pid_t parent,
                               char* const* argv, char* const* environment) {
  const auto fail = [&] {
    const int reason = errno;
    [[maybe_unused]] const auto written = ::write(status, &reason, sizeof reason);
    ::_exit(127);
  };
  // The parent may have ended before the kernel knew that we want to end with it.
  if (::prctl(PR_SET_PDEATHSIG, SIGTERM) != 0) fail();
  if (::getppid() != parent) ::_exit(127);
  ::setsid();  // else the terminal's Ctrl-C would end Redis while the gateway still drains
  struct sigaction standard {};
  standard.sa_handler = SIG_DFL;
  for (int signal : {SIGTERM, SIGINT, SIGCHLD, SIGHUP, SIGPIPE, SIGUSR1, SIGUSR2}) {
    ::sigaction(signal, &standard, nullptr);
  }
  sigset_t none;
  ::sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  if (::fchdir(process.directory) != 0) fail();
  ::umask(077);
  if (::dup2(null, 0) < 0 || ::dup2(process.log, 1) < 0 || ::dup2(process.log, 2) < 0) fail();
  // The descriptors were opened above status_in_child, so none of them is in the way.
  if (::dup2(process.lock, lock_in_child) < 0) fail();
  if (::dup2(process.directory, directory_in_child) < 0) fail();
  if (::dup3(status, status_in_child, O_CLOEXEC) < 0) fail();
  status = status_in_child;
  if (::close_range(status_in_child + 1, ~0U, 0) != 0) {
    for (int other = status_in_child + 1; other < descriptors_max; ++other)
      ::close(other);  // before Linux 5.9
  }
  ::execve(process.program.c_str(), argv, environment);
  fail();
  ::_exit(127);
}

// A copy of a descriptor above those that the child uses; -1 when there is none left.
int above(int descriptor) { return ::fcntl(descriptor, F_DUPFD_CLOEXEC, status_in_child + 1); }

Error cannot_start(int reason) {
  return Error{Reason::store_unavailable,
               std::string{"redis-server cannot be started: "} + std::strerror(reason)};
}

}  // namespace

std::optional<std::string> find_program(const std::string& name) {
  if (name.find('/') != std::string::npos) {
    return ::access(name.c_str(), X_OK) == 0 ? std::optional{name} : std::nullopt;
  }
  const char* set = std::getenv("PATH");
  const std::string path = std::string{set == nullptr ? "" : set} + ":/usr/bin:/usr/local/bin";
  for (std::size_t at = 0; at <= path.size();) {
    const std::size_t end = std::min(path.find(':', at), path.size());
    const std::string candidate = path.substr(at, end - at) + "/" + name;
    if (end > at && path[at] == '/' && ::access(candidate.c_str(), X_OK) == 0) return candidate;
    at = end + 1;
  }
  return std::nullopt;
}

namespace {

// `memory` has to outlive them.
std::array<char*, arguments.size() + 3> arguments_with(std::string& memory) {
  std::array<char*, arguments.size() + 3> argv{};
  for (std::size_t i = 0; i < arguments.size(); ++i) argv[i] = const_cast<char*>(arguments[i]);
  argv[arguments.size()] = const_cast<char*>("--maxmemory");
  argv[arguments.size() + 1] = memory.data();
  return argv;
}

// The child's failure to become Redis, or 0 once it has.
int read_status(int status) {
  int reason = 0;
  ssize_t size = 0;
  do {
    size = ::read(status, &reason, sizeof reason);  // ends at the exec, which closes the other end
  } while (size < 0 && errno == EINTR);
  return size > 0 ? reason : 0;
}

}  // namespace

Result<pid_t> start_redis(const RedisProcess& process) {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return cannot_start(errno);
  const OwnedFd read_end{ends[0]};
  OwnedFd low_write_end{ends[1]};
  OwnedFd write_end{above(ends[1])};
  const OwnedFd low_null{::open("/dev/null", O_RDWR | O_CLOEXEC)};
  const OwnedFd null{above(low_null.get())};
  const OwnedFd directory{above(process.directory)};
  const OwnedFd lock{above(process.lock)};
  const OwnedFd log{above(process.log)};
  for (int needed : {write_end.get(), null.get(), directory.get(), lock.get(), log.get()}) {
    if (needed < 0) return cannot_start(errno);
  }
  const RedisProcess child{process.program, directory.get(), lock.get(), log.get()};

  std::string memory = std::to_string(process.memory_bytes_max);
  auto argv = arguments_with(memory);
  // Our own environment holds secrets.
  std::array<char*, 2> environment{const_cast<char*>("PATH=/usr/bin:/bin"), nullptr};

  const pid_t parent = ::getpid();
  // Until the child has handlers of its own, a signal to it would run ours.
  sigset_t all, before;
  ::sigfillset(&all);
  ::pthread_sigmask(SIG_SETMASK, &all, &before);
  const pid_t pid = ::fork();
  if (pid == 0)
    become_redis(child, null.get(), write_end.get(), parent, argv.data(), environment.data());
  const int unforked = errno;
  ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
  if (pid < 0) return cannot_start(unforked);

  low_write_end.reset();
  write_end.reset();
  const int reason = read_status(read_end.get());
  if (reason == 0) return pid;
  ::waitpid(pid, nullptr, 0);
  return cannot_start(reason);
}

}  // namespace signalbox
