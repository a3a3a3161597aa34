// Reading what gateways answer and messages say.
#pragma once

#include <boost/json/object.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace signalbox::sim {

// Empty where there is no such member, or another one than text.
std::string text_of(const boost::json::object& object, std::string_view name);
// Requires a list of texts under the name.
std::vector<std::string> texts_of(const boost::json::object& object, std::string_view name);

}  // namespace signalbox::sim
