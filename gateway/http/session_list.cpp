#include "gateway/http/session_list.hpp"

#include <algorithm>
#include <tuple>
#include <vector>

namespace signalbox {

void OpenSession::enter(Phase phase, Milliseconds limit) {
  enter_unbounded(phase);
  since_ = std::chrono::steady_clock::now();
  deadline_ = since_ + limit;
}

bool OpenSession::can_give_way(Listener listener, Deadline now) const noexcept {
  if (listener_ != listener || crowded_out_) return false;
  return phase_ == Phase::idle || (phase_ == Phase::reading && now - since_ >= unfinished_least);
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

std::size_t SessionList::make_room(Listener listener, std::chrono::steady_clock::time_point now) {
  const auto order = [now](const OpenSession* session) {
    const AddressAccount* account = session->share_.account();
    return std::tuple{account != nullptr && account->known(now),
                      session->phase_ != OpenSession::Phase::idle, session->since_};
  };
  std::vector<OpenSession*> idlers;
  for (OpenSession& session : sessions_) {
    if (session.can_give_way(listener, now)) idlers.push_back(&session);
  }
  const std::size_t count = std::min(idlers.size(), crowded_out_max);
  const auto end = idlers.begin() + static_cast<std::ptrdiff_t>(count);
  std::partial_sort(idlers.begin(), end, idlers.end(),
                    [&](const auto* a, const auto* b) { return order(a) < order(b); });
  std::for_each(idlers.begin(), end, [](OpenSession* session) {
    session->crowded_out_ = true;
    session->timed_out_ = true;
    session->deadline_ = OpenSession::Deadline::max();
    session->cancel();
  });
  return count;
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
