#include "store/server/data_lock.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <optional>
#include <thread>
#include <utility>

#include "store/own_directory.hpp"

namespace signalbox {
namespace {

constexpr Milliseconds lock_poll_interval{50};
constexpr const char* lock_name = "lock";
constexpr const char* redis_files_name = "appendonlydir";  // redis.conf's appenddirname

// What the holder wrote into the lock: its process id.
std::string holder(int lock) {
  char text[32];
  const ssize_t size = ::pread(lock, text, sizeof text, 0);
  std::string pid;
  for (ssize_t i = 0; i < size && text[i] >= '0' && text[i] <= '9'; ++i) pid += text[i];
  return pid.empty() ? "another process"
                     : "process " + pid + ", or the redis-server that it started,";
}

// Whether it was locked by the deadline.
bool lock_by(int descriptor, std::chrono::steady_clock::time_point deadline) {
  while (::flock(descriptor, LOCK_EX | LOCK_NB) != 0) {
    // Some network file systems lock no directories. The file in it is locked all the same.
    if (errno == EBADF || errno == EINVAL || errno == EOPNOTSUPP) return true;
    if (errno != EWOULDBLOCK && errno != EINTR) return false;
    if (std::chrono::steady_clock::now() >= deadline) return false;
    std::this_thread::sleep_for(lock_poll_interval);
  }
  return true;
}

// Redis follows links, and reads whatever it finds.
std::optional<Error> refuse_foreign_data(int directory, const std::string& path) {
  if (auto foreign = refuse_foreign_entries(directory, ::geteuid(), path)) return foreign;
  struct stat facts {};
  if (::fstatat(directory, redis_files_name, &facts, AT_SYMLINK_NOFOLLOW) != 0) return std::nullopt;
  const std::string files = path + "/" + redis_files_name;
  const auto opened = open_own_directory(directory, redis_files_name, files);
  if (!opened) return opened.error();
  return refuse_foreign_entries(opened->get(), ::geteuid(), files);
}

}  // namespace

Result<DataLock> DataLock::acquire(const std::string& directory, Milliseconds timeout,
                                   const Waits& waits) {
  auto opened = open_own_directory(directory);
  if (!opened) return opened.error();
  const std::string path = directory + "/" + lock_name;
  auto lock = open_own_file(opened->get(), lock_name, O_RDWR | O_CREAT, path);
  if (!lock) return lock.error();
  const auto start = std::chrono::steady_clock::now();
  const bool at_once = lock_by(opened->get(), start) && lock_by(lock->get(), start);
  if (!at_once && waits) waits(path + " is held by " + holder(lock->get()));
  if (!at_once &&
      (!lock_by(opened->get(), start + timeout) || !lock_by(lock->get(), start + timeout))) {
    return Error{Reason::store_unavailable, path + " is held by " + holder(lock->get()) +
                                                " still: one data directory serves one gateway"};
  }
  if (auto foreign = refuse_foreign_data(opened->get(), directory)) return *std::move(foreign);
  const std::string pid = std::to_string(::getpid()) + "\n";
  if (::ftruncate(lock->get(), 0) != 0 || ::pwrite(lock->get(), pid.data(), pid.size(), 0) < 0) {
    return Error{Reason::store_unavailable, path + ": " + std::strerror(errno)};
  }
  return DataLock{std::move(*opened), std::move(*lock)};
}

}  // namespace signalbox
