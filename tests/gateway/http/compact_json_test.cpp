#include "gateway/http/compact_json.hpp"

#include <catch2/catch.hpp>

namespace signalbox {
namespace {

std::string compacted(std::string_view text) {
  JsonDocument document;
  const auto parsed = document.parse_copy(text);
  REQUIRE(parsed.has_value());
  return compact_json(*parsed);
}

std::string with_summary(std::string_view text, std::string_view summary) {
  JsonDocument document;
  const auto parsed = document.parse_copy(text);
  REQUIRE(parsed.has_value());
  return compact_json((*parsed)["data"], "summary", summary);
}

}  // namespace

TEST_CASE("compact JSON has no white space, and every number as it was spelled", "[json]") {
  CHECK(compacted(" { \"a\" : [ 1e400 , -0 , 1.50 , 123456789012345678901234567890 ] } ") ==
        R"({"a":[1e400,-0,1.50,123456789012345678901234567890]})");
  CHECK(compacted("[ ]") == "[]");
  CHECK(compacted("{ }") == "{}");
  CHECK(compacted("{\"a b\":\" c\\u00e9 \", \"d\":[{ },[ ]], \"e\":null}") ==
        R"({"a b":" c\u00e9 ","d":[{},[]],"e":null})");
}

TEST_CASE("of equal keys the last value stays, at every depth", "[json]") {
  CHECK(compacted(R"({"a":1,"b":{"c":1,"c":2},"a":3})") == R"({"a":3,"b":{"c":2}})");
  CHECK(compacted(R"({"a":1,"\u0061":2})") == R"({"a":2})");
}

TEST_CASE("a member is set, in place of its own or as the last", "[json]") {
  CHECK(with_summary(R"({"data":{"n":1e400}})", "x\n") == "{\"n\":1e400,\"summary\":\"x\\n\"}");
  CHECK(with_summary(R"({"data":{"summary":"a","n":1}})", "b") == R"({"n":1,"summary":"b"})");
  CHECK(with_summary(R"({"data":{"summary":"a"}})", "") == R"({"summary":"a"})");
  CHECK(with_summary("{}", "b") == R"({"summary":"b"})");
  CHECK(with_summary("{}", "") == "{}");
}

}  // namespace signalbox
