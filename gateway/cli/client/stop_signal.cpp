#include "gateway/cli/client/stop_signal.hpp"

#include <poll.h>
#include <sys/signalfd.h>
#include <unistd.h>

namespace signalbox {

StopSignal::StopSignal() {
  sigset_t wanted;
  sigemptyset(&wanted);
  sigaddset(&wanted, SIGINT);
  sigaddset(&wanted, SIGTERM);
  ::pthread_sigmask(SIG_BLOCK, &wanted, &before_);
  descriptor_ = ::signalfd(-1, &wanted, SFD_CLOEXEC | SFD_NONBLOCK);
  // A reader that goes away is noticed by writing, so that what it did not read is given back.
  pipe_before_ = std::signal(SIGPIPE, SIG_IGN);
}

StopSignal::~StopSignal() {
  // What has come is taken out, or it would end the process now.
  signalfd_siginfo taken{};
  while (::read(descriptor_, &taken, sizeof taken) == sizeof taken) {
  }
  ::close(descriptor_);
  std::signal(SIGPIPE, pipe_before_);
  ::pthread_sigmask(SIG_SETMASK, &before_, nullptr);
}

// A signal that waits to be read hides others of its kind, so it is taken out.
bool StopSignal::raised_twice() {
  signalfd_siginfo taken{};
  while (::read(descriptor_, &taken, sizeof taken) == sizeof taken) ++taken_;
  return taken_ > 1;
}

bool StopSignal::wait(Milliseconds timeout) const {
  if (taken_ > 0) return true;
  pollfd wanted{descriptor_, POLLIN, 0};
  return ::poll(&wanted, 1, static_cast<int>(timeout.count())) > 0;
}

}  // namespace signalbox
