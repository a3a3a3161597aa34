#include "gateway/cli/screen/json_members.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "event/json.hpp"

namespace signalbox {

namespace json = boost::json;

json::value parse_json_value(std::string_view text) {
  json::parse_options options;
  options.max_depth = json_depth_max;
  boost::system::error_code failed;
  json::value value = json::parse({text.data(), text.size()}, failed, {}, options);
  return failed ? json::value{} : value;
}

const json::value& member_of(const json::value& object, std::string_view key) {
  static const json::value missing;
  const json::object* fields = object.if_object();
  if (fields == nullptr) return missing;
  const json::value* found = fields->if_contains({key.data(), key.size()});
  return found == nullptr ? missing : *found;
}

std::string text_of(const json::value& object, std::string_view key) {
  const json::string* text = member_of(object, key).if_string();
  return text == nullptr ? std::string{} : std::string{text->data(), text->size()};
}

std::int64_t number_of(const json::value& object, std::string_view key) {
  const json::value& value = member_of(object, key);
  if (const auto* number = value.if_int64()) return *number;
  return 0;
}

const json::array& array_of(const json::value& object, std::string_view key) {
  static const json::array empty;
  const json::array* found = member_of(object, key).if_array();
  return found == nullptr ? empty : *found;
}

std::string shown(const json::value& value) {
  if (const auto* text = value.if_string()) return {text->data(), text->size()};
  return json::serialize(value);
}

std::string joined(const json::array& texts) {
  std::string out;
  for (const json::value& each : texts) {
    if (!out.empty()) out += ", ";
    out += shown(each);
  }
  return out;
}

}  // namespace signalbox
