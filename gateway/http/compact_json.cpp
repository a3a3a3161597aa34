#include "gateway/http/compact_json.hpp"

#include <boost/unordered/unordered_flat_map.hpp>

#include <vector>

#include "event/json_escape.hpp"

namespace signalbox {
namespace {

struct Member {
  std::string_view key;
  Json value;
};

std::vector<Member> members_of(Json object) {
  std::vector<Member> members;
  boost::unordered_flat_map<std::string_view, std::size_t> places;
  for (const JsonField field : object.fields()) {
    const auto [known, added] = places.emplace(field.key, members.size());
    if (added) {
      members.push_back({field.key, field.value});
    } else {
      members[known->second].value = field.value;
    }
  }
  return members;
}

// As deep as the document, which is at most json_depth_max.
void append_compact(std::string& out, Json value) {
  if (value.is(JsonKind::array)) {
    char before = '[';
    for (const Json element : value.elements()) {
      out += before;
      append_compact(out, element);
      before = ',';
    }
    out += before == '[' ? "[]" : "]";
  } else if (value.is(JsonKind::object)) {
    char before = '{';
    for (const Member& member : members_of(value)) {
      out += before;
      append_json_string(out, member.key);
      out += ':';
      append_compact(out, member.value);
      before = ',';
    }
    out += before == '{' ? "{}" : "}";
  } else {
    out += value.raw();
  }
}

}  // namespace

std::string compact_json(Json value) {
  std::string out;
  append_compact(out, value);
  return out;
}

std::string compact_json(Json object, std::string_view key, std::string_view text) {
  std::string out = "{";
  for (const Member& member : members_of(object)) {
    if (member.key == key && !text.empty()) continue;
    if (out.size() > 1) out += ',';
    append_json_string(out, member.key);
    out += ':';
    append_compact(out, member.value);
  }
  if (!text.empty()) {
    if (out.size() > 1) out += ',';
    append_json_string(out, key);
    out += ':';
    append_json_string(out, text);
  }
  return out + "}";
}

}  // namespace signalbox
