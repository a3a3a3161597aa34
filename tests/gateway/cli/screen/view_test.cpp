// Messages on a screen, and JSON as commands look into it.
#include <catch2/catch.hpp>
#include <sstream>

#include "event/json.hpp"
#include "gateway/cli/screen/json_members.hpp"
#include "gateway/cli/screen/view.hpp"

namespace signalbox {
namespace {

std::string message_with(std::size_t fields) {
  boost::json::object data;
  for (std::size_t i = 0; i < fields; ++i) data["f" + std::to_string(i)] = i;
  std::ostringstream out;
  std::ostringstream err;
  Terminal terminal{out, err, false, 0};
  show_message(terminal, boost::json::object{{"type", "x.note"}, {"data", data}}, "");
  return out.str();
}

TEST_CASE("thirty fields of a message are shown, and more are counted", "[cli][view][limits]") {
  CHECK(message_with(30).find("  f29 ") != std::string::npos);
  CHECK(message_with(30).find("more field") == std::string::npos);
  CHECK(message_with(31).find("  f30 ") == std::string::npos);
  CHECK(message_with(31).find("1 more fields (--json)") != std::string::npos);
}

TEST_CASE("JSON is read as deep as the gateway sends it", "[cli][view][limits]") {
  const auto nested = [](std::size_t depth) {
    return parse_json_value(std::string(depth, '[') + std::string(depth, ']'));
  };
  CHECK(nested(json_depth_max).is_array());
  CHECK(nested(json_depth_max + 1).is_null());
}

TEST_CASE("a member that is missing or of another type is empty", "[cli][view]") {
  const auto value = parse_json_value(R"({"text":"a","number":3,"list":[1,"b"]})");
  CHECK(text_of(value, "text") == "a");
  CHECK(text_of(value, "number").empty());
  CHECK(number_of(value, "number") == 3);
  CHECK(number_of(value, "text") == 0);
  CHECK(joined(array_of(value, "list")) == "1, b");
  CHECK(array_of(value, "text").empty());
  CHECK(member_of(value, "none").is_null());
  CHECK(member_of(array_of(value, "list"), "none").is_null());
}

}  // namespace
}  // namespace signalbox
