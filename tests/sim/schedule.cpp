#include "tests/sim/schedule.hpp"

#include <fmt/format.h>

namespace signalbox::sim {

void Schedule::run_next() {
  const auto next = actions_.begin();
  time_.set(next->first.first);
  const auto action = std::move(next->second);
  actions_.erase(next);
  action();
}

void Trace::add(std::string_view line) {
  const auto mix = [this](unsigned char byte) { hash_ = (hash_ ^ byte) * 1'099'511'628'211U; };
  const auto now = static_cast<std::uint64_t>(time_.elapsed().count());
  for (unsigned i = 0; i < 8; ++i) mix(static_cast<unsigned char>(now >> (8 * i)));
  for (const char c : line) mix(static_cast<unsigned char>(c));
  if (printed_) fmt::print("{:>10.3f}  {}\n", static_cast<double>(now) / 1000.0, line);
}

}  // namespace signalbox::sim
