// The open connections of one thread, for the deadline sweep and the drain: a request arms no
// timer. Used from that thread only.
#pragma once

#include <boost/intrusive/list.hpp>

#include <cassert>
#include <chrono>
#include <cstdint>

#include "event/clock.hpp"

namespace signalbox {

// While the gateway drains, a request that was on its way already still finds its connection open
// for so long.
inline constexpr Milliseconds drain_idle{1'000};

// What the list knows of a connection.
class OpenSession : public boost::intrusive::list_base_hook<> {
 public:
  virtual ~OpenSession() = default;

 protected:
  using Deadline = std::chrono::steady_clock::time_point;
  enum class Phase : std::uint8_t { idle, reading, handling, writing, lingering };

  // What it does now, and how long that may take.
  void enter(Phase phase, Milliseconds limit);
  void enter_unbounded(Phase phase);

  Deadline deadline_ = Deadline::max();
  Phase phase_ = Phase::idle;
  bool timed_out_ = false;  // the last wait ended because its deadline was over

 private:
  friend class SessionList;
  virtual void cancel() = 0;  // ends the wait that is under way
};

class SessionList {
 public:
  void add(OpenSession& session) { sessions_.push_back(session); }
  void remove(OpenSession& session) {
    assert(session.is_linked());
    sessions_.erase(sessions_.iterator_to(session));
  }
  std::size_t size() const noexcept { return sessions_.size(); }

  // Ends every wait whose deadline is over. Called a few times a second.
  void sweep(std::chrono::steady_clock::time_point now);

  // From now on answers say `Connection: close`. Sessions between requests are left until
  // `idle_until` for a request that is already on its way, then closed; requests that are not whole
  // by `whole_until` are given up.
  void drain(std::chrono::steady_clock::time_point idle_until,
             std::chrono::steady_clock::time_point whole_until);
  bool draining() const noexcept { return draining_; }

 private:
  boost::intrusive::list<OpenSession> sessions_;
  bool draining_ = false;
  std::chrono::steady_clock::time_point whole_until_ = std::chrono::steady_clock::time_point::max();
};

}  // namespace signalbox
