#include "event/json_writer.hpp"

#include "event/json_escape.hpp"

namespace signalbox {

std::string& JsonObject::value(std::string_view key) {
  assert(open_);
  if (first_) {
    out_.append("\"", 1);
  } else {
    out_.append(",\"", 2);
  }
  out_.append(key).append("\":", 2);
  first_ = false;
  return out_;
}

JsonObject& JsonObject::text(std::string_view key, std::string_view text) {
  append_json_string(value(key), text);
  return *this;
}

JsonObject& JsonObject::raw(std::string_view key, std::string_view json) {
  value(key).append(json);
  return *this;
}

JsonObject& JsonObject::time(std::string_view key, Time time) {
  std::string& out = value(key);
  append_time(out += '"', time);
  out += '"';
  return *this;
}

}  // namespace signalbox
