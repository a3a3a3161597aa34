// The outline of a parsed Json in the notation of reference_outline().
#pragma once

#include <string>

#include "event/json.hpp"

namespace signalbox::test {

std::string outline(Json value);

// Whether each key of each object in the value is found by name, as the last of its equals, and
// each element of an array by its position. Empty when so, else where not.
std::string lookup_fault(Json value);

}  // namespace signalbox::test
