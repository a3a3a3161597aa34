// JSON without white space and repeated keys, and otherwise as it is spelled: a number keeps its
// digits, however many, and a text its escapes.
#pragma once

#include <string>
#include <string_view>

#include "event/json.hpp"

namespace signalbox {

// Of equal keys the last one stays, in the place of the first.
std::string compact_json(Json value);

// The same of an object, "{}" where it is missing, in which `key` has the text `text` unless that
// is empty.
std::string compact_json(Json object, std::string_view key, std::string_view text);

}  // namespace signalbox
