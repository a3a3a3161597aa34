#include "tests/event/json_outline.hpp"

#include <fmt/format.h>

#include <map>

namespace signalbox::test {

std::string outline(Json value) {
  std::string out;
  switch (value.kind()) {
    case JsonKind::null:
    case JsonKind::boolean:
    case JsonKind::number:
      return std::string{value.raw()};
    case JsonKind::string:
      return fmt::format("s{}:{}", value.string()->size(), *value.string());
    case JsonKind::array:
      for (const Json element : value.elements()) out += outline(element) + ',';
      return fmt::format("[{}]", out);
    case JsonKind::object:
      for (const auto& [key, field] : value.fields()) {
        out += fmt::format("s{}:{}:{},", key.size(), key, outline(field));
      }
      break;
  }
  return fmt::format("{{{}}}", out);
}

std::string lookup_fault(Json value) {
  std::map<std::string_view, std::string_view> last;
  for (const auto& [key, field] : value.fields()) last[key] = field.raw();
  for (const auto& [key, raw] : last) {
    const Json found = value[key];
    if (!found || found.raw().data() != raw.data()) return fmt::format("key '{}'", key);
    if (const auto longer = std::string{key} + "\""; !last.contains(longer) && value[longer]) {
      return fmt::format("key '{}' is found, and is not there", longer);
    }
  }
  std::size_t position = 0;
  for (const Json element : value.elements()) {
    if (value.at(position++).raw().data() != element.raw().data()) {
      return fmt::format("element {}", position - 1);
    }
    if (auto fault = lookup_fault(element); !fault.empty()) return fault;
  }
  if (value.at(position)) return "an element behind the last";
  for (const auto& [key, field] : value.fields()) {
    if (auto fault = lookup_fault(field); !fault.empty()) return fault;
  }
  return {};
}

}  // namespace signalbox::test
