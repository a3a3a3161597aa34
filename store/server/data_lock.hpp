// The lock on a data directory: one writer, for as long as any process that it was handed to lives.
// A child that inherits directory() and descriptor() holds it too, so a gateway that was killed
// does not leave its Redis behind for a second one to open the same files beside. Linux, flock(2).
//
// The directory itself is locked, which nobody can remove or replace while it is in use, and the
// file `lock` in it, which says who holds it and is all that earlier versions know.
#pragma once

#include <functional>
#include <string>
#include <utility>

#include "event/clock.hpp"
#include "event/error.hpp"
#include "event/owned_fd.hpp"

namespace signalbox {

class DataLock {
 public:
  // Makes the directory (mode 0700) where it is missing, and waits for the lock. store_unavailable
  // when another process still holds it after `timeout`, naming the lock and that process; when the
  // directory, or what lies in it, is not ours alone (own_directory.hpp); also for errors of the
  // file system.
  // `waits`, which may be empty, is told who holds the lock, once, when it has to be waited for.
  using Waits = std::function<void(const std::string& holder)>;
  static Result<DataLock> acquire(const std::string& directory, Milliseconds timeout,
                                  const Waits& waits = {});

  int descriptor() const noexcept { return lock_.get(); }
  int directory() const noexcept { return directory_.get(); }  // also for openat() and fchdir()

 private:
  DataLock(OwnedFd directory, OwnedFd lock) noexcept
      : directory_{std::move(directory)}, lock_{std::move(lock)} {}
  OwnedFd directory_;
  OwnedFd lock_;  // declared last, so it is given up first
};

}  // namespace signalbox
