#include "event/json_writer.hpp"

#include <catch2/catch.hpp>

#include <limits>

namespace signalbox {
namespace {

TEST_CASE("an object is written with its fields in order") {
  std::string out = "x";
  JsonObject object{out};
  object.text("a", "\"")
      .number("b", -5)
      .boolean("c", true)
      .boolean("d", false)
      .raw("e", "[1]")
      .close();
  CHECK(out == R"(x{"a":"\"","b":-5,"c":true,"d":false,"e":[1]})");
  std::string empty;
  JsonObject{empty}.close();
  CHECK(empty == "{}");
}

TEST_CASE("numbers are written whole, to the ends of their types") {
  std::string out;
  JsonObject{out}
      .number("a", std::numeric_limits<std::uint64_t>::max())
      .number("b", std::numeric_limits<std::int64_t>::min())
      .number("c", std::uint8_t{7})
      .close();
  CHECK(out == R"({"a":18446744073709551615,"b":-9223372036854775808,"c":7})");
}

TEST_CASE("a time is written as a text") {
  std::string out;
  JsonObject{out}.time("at", *parse_time("2026-11-22T10:00:00Z")).close();
  CHECK(out == R"({"at":"2026-11-22T10:00:00Z"})");
}

TEST_CASE("an array has commas between its elements and nowhere else") {
  std::string out = "x";
  JsonArray array{out};
  array.close();
  CHECK(out == "x[]");

  out.clear();
  JsonObject object{out};
  JsonArray list{object.value("list")};
  list.element() += '1';
  JsonObject{list.element()}.number("two", 2).close();
  list.element() += "\"\"";
  list.close();
  object.number("after", 3).close();
  CHECK(out == R"({"list":[1,{"two":2},""],"after":3})");
}

}  // namespace
}  // namespace signalbox
