#include "tests/sim/actors/answers.hpp"

#include <boost/json/array.hpp>

namespace signalbox::sim {

std::string text_of(const boost::json::object& object, std::string_view name) {
  const auto* found = object.if_contains(name);
  return found != nullptr && found->is_string() ? std::string{found->get_string()} : std::string{};
}

std::vector<std::string> texts_of(const boost::json::object& object, std::string_view name) {
  std::vector<std::string> texts;
  for (const boost::json::value& each : object.at(name).get_array()) {
    texts.emplace_back(std::string_view{each.get_string()});
  }
  return texts;
}

}  // namespace signalbox::sim
