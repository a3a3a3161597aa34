#include "gateway/http/session_list.hpp"

namespace signalbox {

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
    const bool given_up = session.phase_ == OpenSession::Phase::reading && now >= whole_until_;
    if (now < session.deadline_ && !given_up) continue;
    session.timed_out_ = true;
    session.deadline_ = OpenSession::Deadline::max();
    session.cancel();
  }
}

void SessionList::drain(std::chrono::steady_clock::time_point idle_until,
                        std::chrono::steady_clock::time_point whole_until) {
  assert(!draining_);
  draining_ = true;
  whole_until_ = whole_until;
  for (OpenSession& session : sessions_) {
    if (session.phase_ == OpenSession::Phase::idle) session.deadline_ = idle_until;
  }
}

}  // namespace signalbox
