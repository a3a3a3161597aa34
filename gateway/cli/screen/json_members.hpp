// JSON that others sent, as commands look into it: what is missing, or of another type, is empty
// and no error. Pure.
#pragma once

#include <boost/json/value.hpp>
#include <cstdint>
#include <string>
#include <string_view>

namespace signalbox {

// Reads JSON as deep as the gateway sends it (json_depth_max); null for deeper and for no JSON.
boost::json::value parse_json_value(std::string_view text);

// A member of an object; an empty text, 0, null or an empty list where there is none of that type.
std::string text_of(const boost::json::value& object, std::string_view key);
std::int64_t number_of(const boost::json::value& object, std::string_view key);
const boost::json::value& member_of(const boost::json::value& object, std::string_view key);
const boost::json::array& array_of(const boost::json::value& object, std::string_view key);

// A string as its text, anything else as JSON.
std::string shown(const boost::json::value& value);

// "a, b".
std::string joined(const boost::json::array& texts);

// As the value of a JSON member; the library takes no std::string_view there.
inline boost::json::string json_text(std::string_view text) {
  return boost::json::string{text.data(), text.size()};
}

}  // namespace signalbox
