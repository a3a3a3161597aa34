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
// for so long, has so long to be whole, since before that nobody knows who sent it, and its answer
// has so long to leave and to be read.
inline constexpr Milliseconds drain_idle{1'000};
inline constexpr Milliseconds drain_whole{1'000};
inline constexpr Milliseconds drain_answer{5'000};
inline constexpr Milliseconds drain_linger{1'000};
// A drain that may last so long gives each of them its whole time, a shorter one a part of it. What
// remains is for handlers.
inline constexpr Milliseconds drain_generous{16'000};

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

  // From now on answers say `Connection: close`, and whatever sessions wait for from their peers
  // they wait for as long as the drain's figures above say, at most.
  void drain(std::chrono::steady_clock::time_point now, Milliseconds drain_timeout);
  bool draining() const noexcept { return draining_; }
  // How long a session waits for what it waits `usual` for: in a drain for `while_draining` at
  // most.
  Milliseconds patience(Milliseconds usual, Milliseconds while_draining) const noexcept;

 private:
  boost::intrusive::list<OpenSession> sessions_;
  bool draining_ = false;
  Milliseconds drain_timeout_{};
};

}  // namespace signalbox
