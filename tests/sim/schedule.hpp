// What is going to happen, in the order of simulated time, and the record of what has.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <utility>

#include "tests/sim/simulated_time.hpp"

namespace signalbox::sim {

class Schedule {
 public:
  explicit Schedule(SimulatedTime& time) : time_{time} {}

  // Of equal times the earlier call goes first.
  void after(Milliseconds delay, std::function<void()> action) {
    actions_.emplace(std::pair{time_.elapsed() + delay, ++count_}, std::move(action));
  }
  bool empty() const noexcept { return actions_.empty(); }
  // Moves time on to the next action and does it. Requires one.
  void run_next();
  void clear() { actions_.clear(); }

 private:
  SimulatedTime& time_;
  std::uint64_t count_ = 0;
  std::map<std::pair<Milliseconds, std::uint64_t>, std::function<void()>> actions_;
};

using Situations = std::map<std::string_view, std::uint64_t>;  // names are literals

// A line of it each time that something happens, hashed, so that two runs can be compared; printed
// where asked.
class Trace {
 public:
  Trace(const SimulatedTime& time, bool printed) : time_{time}, printed_{printed} {}
  void add(std::string_view line);
  std::uint64_t hash() const noexcept { return hash_; }
  // Counts a situation, so that it can be shown that simulations meet it.
  void saw(std::string_view situation) { ++situations_[situation]; }
  const Situations& situations() const noexcept { return situations_; }

 private:
  Situations situations_;
  const SimulatedTime& time_;
  bool printed_;
  std::uint64_t hash_ = 14'695'981'039'346'656'037U;  // FNV-1a
};

// The first broken promise of a run.
struct Violation {
  std::string promise;  // "E2"
  std::string what;
};

}  // namespace signalbox::sim
