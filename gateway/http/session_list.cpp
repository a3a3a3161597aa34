#include "gateway/http/session_list.hpp"

#include <algorithm>
#include <array>
#include <tuple>
#include <vector>

namespace signalbox {
namespace {

// By phase. A handler bounds its own waits.
constexpr std::array<Milliseconds, 5> drain_times{drain_idle, drain_whole, Milliseconds::max(),
                                                  drain_answer, drain_linger};

}  // namespace

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
    if (now < session.deadline_) continue;
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
