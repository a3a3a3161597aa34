#include "gateway/last_resort.hpp"

#include <sys/time.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <string_view>

namespace signalbox {
namespace {

// Only what a signal handler may do (signal-safety(7)).
void leave(int) {
  constexpr std::string_view text = "signalbox: did not end in time: leaving without waiting\n";
  [[maybe_unused]] const auto written = ::write(STDERR_FILENO, text.data(), text.size());
  ::_exit(1);
}

}  // namespace

void end_process_within(Milliseconds time) {
  std::signal(SIGALRM, leave);
  const auto ms = std::max<Milliseconds::rep>(time.count(), 1);  // zero would never end it
  itimerval timer{};
  timer.it_value.tv_sec = static_cast<time_t>(ms / 1000);
  timer.it_value.tv_usec = static_cast<suseconds_t>(ms % 1000 * 1000);
  ::setitimer(ITIMER_REAL, &timer, nullptr);
}

}  // namespace signalbox
