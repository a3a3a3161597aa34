// When two spellings of a number are the same number: 300, 300.0 and 3.0e2 are.
//
// As in the reference of our patterns, a number is comparable when it fits a 64-bit float without
// losing a digit, that is, when the shortest decimal that identifies the float is the number
// itself. All others (12345678901234567890, 1e400) match by their spelling only and are never less
// or greater than anything. https://github.com/aws/event-ruler/pull/188
#pragma once

#include <optional>
#include <string_view>

namespace signalbox {

// `spelled` must be a JSON number. Thread-safe.
std::optional<double> comparable_number(std::string_view spelled);

}  // namespace signalbox
