// What is wrong with a pattern, and where. The place is that of the pattern's source; a pattern
// that was JSON text has none.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "rules/source/literal.hpp"

namespace signalbox {

struct PatternProblem {
  Place place;
  std::string code;     // stable: "unknown-operator", "wrong-operand", ...
  std::string message;  // one line, lower case, no full stop
};

using PatternProblems = std::vector<PatternProblem>;

}  // namespace signalbox
