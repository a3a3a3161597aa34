// Ctrl-C as something to look at: while one of these lives, SIGINT and SIGTERM interrupt nothing.
// Made and used by the main thread.
#pragma once

#include <csignal>

#include "event/clock.hpp"

namespace signalbox {

class StopSignal {
 public:
  StopSignal();
  ~StopSignal();
  StopSignal(const StopSignal&) = delete;
  StopSignal& operator=(const StopSignal&) = delete;

  // Readable from the first signal on.
  int descriptor() const noexcept { return descriptor_; }

  // Waits that long at most; true when a signal has come.
  bool wait(Milliseconds timeout) const;
  bool raised() const { return wait(Milliseconds{0}); }
  // Whether a second one has come: who typed Ctrl-C twice does not want to wait.
  bool raised_twice();

 private:
  sigset_t before_{};
  void (*pipe_before_)(int);
  int descriptor_ = -1;
  int taken_ = 0;  // signals that were read
};

}  // namespace signalbox
