// The open connections of one thread, for the deadline sweep and the drain: a request arms no
// timer. Used from that thread only.
#pragma once

#include <boost/intrusive/list.hpp>

#include <cassert>
#include <chrono>
#include <cstdint>

#include "event/clock.hpp"
#include "gateway/config/config.hpp"
#include "gateway/limits/address_accounts.hpp"

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

// So many connections end at once where there is no room for a new one, and one whose request is
// not whole is left so long at least.
inline constexpr std::size_t crowded_out_max = 32;
inline constexpr Milliseconds unfinished_least{1'000};

// What the list knows of a connection.
class OpenSession : public boost::intrusive::list_base_hook<> {
 public:
  OpenSession(Listener listener, ConnectionShare share)
      : share_{std::move(share)}, listener_{listener} {}
  virtual ~OpenSession() = default;

 protected:
  using Deadline = std::chrono::steady_clock::time_point;
  enum class Phase : std::uint8_t { idle, reading, handling, writing, lingering };

  // What it does now, and how long that may take.
  void enter(Phase phase, Milliseconds limit);
  void enter_unbounded(Phase phase);

  Deadline deadline_ = Deadline::max();
  Phase phase_ = Phase::idle;
  Deadline since_{};          // when its phase began
  bool timed_out_ = false;    // the last wait ended because its deadline was over
  bool crowded_out_ = false;  // it has to end at once: others need its place
  ConnectionShare share_;

 private:
  friend class SessionList;
  virtual void cancel() = 0;  // ends the wait that is under way
  bool can_give_way(Listener listener, Deadline now) const noexcept;

  Listener listener_;
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

  // Ends up to `crowded_out_max` of a listener's connections, and says how many: those of addresses
  // that no verified request came from first, then those that wait for a request before those whose
  // request is not whole, then the longest waiting.
  std::size_t make_room(Listener listener, std::chrono::steady_clock::time_point now);

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
