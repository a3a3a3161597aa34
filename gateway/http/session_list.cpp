#include "gateway/http/session_list.hpp"

#include <algorithm>
#include <array>

namespace signalbox {
namespace {

// By phase. A handler bounds its own waits.
constexpr std::array<Milliseconds, 5> drain_times{drain_idle, drain_whole, Milliseconds::max(),
                                                  drain_answer, drain_linger};

}  // namespace

void OpenSession::enter(Phase phase, Milliseconds limit) {
  enter_unbounded(phase);
  deadline_ = std::chrono::steady_clock::now() + limit;
}

void OpenSession::enter_unbounded(Phase phase) {
  phase_ = phase;
  timed_out_ = false;
  deadline_ = Deadline::max();
}

void SessionList::sweep(std::chrono::steady_clock::time_point now) {
  for (OpenSession& session : sessions_) {
    if (now < session.deadline_) continue;
    session.timed_out_ = true;
    session.deadline_ = OpenSession::Deadline::max();
    session.cancel();
  }
}

Milliseconds SessionList::patience(Milliseconds usual, Milliseconds while_draining) const noexcept {
  if (!draining_) return usual;
  const auto share = std::min(drain_timeout_, drain_generous);
  return std::min(usual, while_draining * share.count() / drain_generous.count());
}

void SessionList::drain(std::chrono::steady_clock::time_point now, Milliseconds drain_timeout) {
  assert(!draining_);
  draining_ = true;
  drain_timeout_ = drain_timeout;
  for (OpenSession& session : sessions_) {
    if (session.phase_ == OpenSession::Phase::handling) continue;
    const Milliseconds left = drain_times[static_cast<std::size_t>(session.phase_)];
    session.deadline_ = std::min(session.deadline_, now + patience(Milliseconds::max(), left));
  }
}

}  // namespace signalbox
