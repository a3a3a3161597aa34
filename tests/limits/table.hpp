// All limits as rows: what is taken, what is refused, and how both are shown. Figures stand here a
// second time on purpose, for a test that took them from the code would go along with whatever
// somebody writes there. A limit that a test elsewhere holds is a row of tested_there.txt, one that
// no test holds of not_held.txt. tests/tidy wants each constant of the product that is called a
// limit in one of the three.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace signalbox::test {

struct Limit {
  std::string_view constant;  // "event/json.hpp:json_depth_max"
  std::int64_t taken;
  std::int64_t refused;
  // What becomes of an input of that size: "" where it is taken whole.
  std::string (*becomes)(std::int64_t size);
  std::string_view says;  // a part of what becomes of `refused`
};

std::span<const Limit> event_limits();
std::span<const Limit> connector_limits();
std::span<const Limit> rule_limits();
std::span<const Limit> config_limits();
std::span<const Limit> store_limits();
std::span<const Limit> mailbox_limits();
std::span<const Limit> queue_limits();
std::span<const Limit> gateway_limits();
std::span<const Limit> api_limits();
std::span<const Limit> command_limits();
std::span<const Limit> default_limits();

// "xxx…", and pieces put one behind the other with something between them.
inline std::string letters(std::int64_t count) {
  return std::string(static_cast<std::size_t>(count), 'x');
}
inline std::string repeated(std::int64_t times, std::string_view piece,
                            std::string_view between = "") {
  std::string out;
  for (std::int64_t i = 0; i < times; ++i) {
    if (i > 0) out += between;
    out += piece;
  }
  return out;
}

// For what is no error: it is left out or cut.
inline std::string cut_unless(bool whole) { return whole ? "" : "cut"; }

}  // namespace signalbox::test
