#include "store/server/data_lock.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <thread>
#include <utility>

namespace signalbox {
namespace {

constexpr Milliseconds lock_poll_interval{50};
constexpr const char* lock_name = "lock";

Error cannot_lock(const std::string& what) {
  return Error{Reason::store_unavailable, what + ": " + std::strerror(errno)};
}

// What the holder wrote into the lock: its process id.
std::string holder(int lock) {
  char text[32];
  const ssize_t size = ::pread(lock, text, sizeof text, 0);
  std::string pid;
  for (ssize_t i = 0; i < size && text[i] >= '0' && text[i] <= '9'; ++i) pid += text[i];
  return pid.empty() ? "another process"
                     : "process " + pid + ", or the redis-server that it started,";
}

bool wait_for(int lock, Milliseconds timeout) {
  const auto deadline = std::chrono::steady_clock::now() + timeout;
  while (::flock(lock, LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK && errno != EINTR) return false;
    if (std::chrono::steady_clock::now() >= deadline) return false;
    std::this_thread::sleep_for(lock_poll_interval);
  }
  return true;
}

}  // namespace

Result<DataLock> DataLock::acquire(const std::string& directory, Milliseconds timeout,
                                   const Waits& waits) {
  std::error_code unmade;
  std::filesystem::create_directories(std::filesystem::path{directory}.parent_path(), unmade);
  if (::mkdir(directory.c_str(), 0700) != 0 && errno != EEXIST) return cannot_lock(directory);
  OwnedFd opened{::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
  if (!opened) return cannot_lock(directory);
  OwnedFd lock{::openat(opened.get(), lock_name, O_RDWR | O_CREAT | O_CLOEXEC, 0600)};
  const std::string path = directory + "/" + lock_name;
  if (!lock) return cannot_lock(path);
  if (::fchmod(opened.get(), 0700) != 0) return cannot_lock(directory);
  const bool at_once = wait_for(lock.get(), Milliseconds{0});
  if (!at_once && waits) waits(path + " is held by " + holder(lock.get()));
  if (!at_once && !wait_for(lock.get(), timeout)) {
    return Error{Reason::store_unavailable, path + " is held by " + holder(lock.get()) +
                                                " still: one data directory serves one gateway"};
  }
  const std::string pid = std::to_string(::getpid()) + "\n";
  if (::ftruncate(lock.get(), 0) != 0 || ::pwrite(lock.get(), pid.data(), pid.size(), 0) < 0) {
    return cannot_lock(path);
  }
  return DataLock{std::move(opened), std::move(lock)};
}

}  // namespace signalbox
