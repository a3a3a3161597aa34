// The clocks and the random source of a simulation, in the place of the system's. The program
// defines std::chrono's clocks and OpenSSL's RAND_bytes itself (simulated_time.cpp), so the linker
// gives them to production code as it is: nothing that reads a clock can be forgotten, and the
// request path has no extra call. One at a time per thread; without one the system's are used.
#pragma once

#include <chrono>
#include <cstdint>
#include <random>
#include <vector>

#include "event/clock.hpp"

namespace signalbox::sim {

class SimulatedTime {
 public:
  using Steady = std::chrono::steady_clock::time_point;

  explicit SimulatedTime(std::uint64_t seed);
  ~SimulatedTime();
  SimulatedTime(const SimulatedTime&) = delete;
  SimulatedTime& operator=(const SimulatedTime&) = delete;

  void set(Milliseconds elapsed) { elapsed_ = elapsed; }  // since the simulation began
  Milliseconds elapsed() const noexcept { return elapsed_; }
  Steady steady() const noexcept { return Steady{std::chrono::hours{24}} + elapsed_; }
  // What a clock shows that is `offset` ahead of the truth.
  Time wall(Milliseconds offset = Milliseconds{0}) const noexcept;

  void fill(unsigned char* bytes, std::size_t count);  // what RAND_bytes gives

 private:
  Milliseconds elapsed_{0};
  std::mt19937_64 random_;
};

// A wall clock of its own: it jumps, and keeps its distance between jumps.
struct SkewedClock final : Clock {
  explicit SkewedClock(const SimulatedTime& truth) : time{truth} {}
  Time now() const override { return time.wall(offset); }
  const SimulatedTime& time;
  Milliseconds offset{0};
};

// What a seed decides. Not std::uniform_int_distribution, whose results differ between libraries.
class Dice {
 public:
  explicit Dice(std::uint64_t seed) : random_{seed} {}
  std::uint64_t upto(std::uint64_t count) { return random_() % count; }  // 0 to count - 1
  std::int64_t between(std::int64_t least, std::int64_t most) {
    return least + static_cast<std::int64_t>(upto(static_cast<std::uint64_t>(most - least + 1)));
  }
  bool percent(unsigned chance) { return upto(100) < chance; }
  Milliseconds milliseconds(std::int64_t least, std::int64_t most) {
    return Milliseconds{between(least, most)};
  }
  // Requires one that is not empty.
  template <class List>
  auto& any(List& list) {
    return list[upto(list.size())];
  }

 private:
  std::mt19937_64 random_;
};

// Seconds of the machine's own clock, for what people are told about speed.
double real_seconds();

}  // namespace signalbox::sim
