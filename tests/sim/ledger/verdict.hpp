// What the oracle has found: the first broken promise counts, what follows from it does not.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "tests/sim/schedule.hpp"

namespace signalbox::sim {

class Verdict {
 public:
  explicit Verdict(Trace& trace) : trace_{trace} {}

  void broken(std::string_view promise, std::string what) {
    trace_.add("VIOLATION of " + std::string{promise} + ": " + what);
    if (!violation_) violation_ = Violation{std::string{promise}, std::move(what)};
  }
  // Breaks the promise unless the condition holds.
  void expect(bool condition, std::string_view promise, std::string_view what) {
    ++checks_;
    if (!condition) broken(promise, std::string{what});
  }
  void saw(std::string_view situation) { trace_.saw(situation); }
  const std::optional<Violation>& violation() const noexcept { return violation_; }
  std::uint64_t checks() const noexcept { return checks_; }

 private:
  Trace& trace_;
  std::optional<Violation> violation_;
  std::uint64_t checks_ = 0;
};

}  // namespace signalbox::sim
