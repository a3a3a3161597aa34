// The lock on a data directory: one writer, for as long as any process that it was handed to lives.
// A child that inherits descriptor() holds it too, so a gateway that was killed does not leave its
// Redis behind for a second one to open the same files beside. Linux, flock(2).
#pragma once

#include <string>

#include "event/clock.hpp"
#include "event/error.hpp"

namespace signalbox {

class DataLock {
 public:
  // Makes the directory (mode 0700) where it is missing, and waits for the lock. store_unavailable
  // when another process still holds it after `timeout`, naming the lock and that process; also for
  // errors of the file system.
  static Result<DataLock> acquire(const std::string& directory, Milliseconds timeout);

  DataLock(DataLock&& other) noexcept;
  DataLock& operator=(DataLock&& other) noexcept;
  ~DataLock();

  int descriptor() const noexcept { return lock_; }
  int directory() const noexcept { return directory_; }  // open for openat() and fchdir()

 private:
  DataLock(int directory, int lock) noexcept : directory_{directory}, lock_{lock} {}
  int directory_ = -1;
  int lock_ = -1;
};

}  // namespace signalbox
