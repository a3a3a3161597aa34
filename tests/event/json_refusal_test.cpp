// Which texts JsonDocument refuses, and what it says about them.
#include <catch2/catch.hpp>

#include "event/json.hpp"

namespace signalbox {
namespace {

using namespace std::string_view_literals;

constexpr std::string_view refused[] = {"",
                                        " ",
                                        "\n\t",
                                        "nul",
                                        "True",
                                        "truefalse",
                                        "true false",
                                        "nullx",
                                        "true\0"sv,
                                        "false\0"sv,
                                        "null\0\0"sv,
                                        "12\0"sv,
                                        "12\x80"sv,
                                        "00",
                                        "0123456789",
                                        "1:",
                                        "123456789012345/",
                                        "1234567890123456a",
                                        "12345678901234567a",
                                        "1 2",
                                        "01",
                                        "-",
                                        "+1",
                                        "1.",
                                        ".5",
                                        "1e",
                                        "1e+",
                                        "0x10",
                                        "1_000",
                                        "--1",
                                        "1-",
                                        "Infinity",
                                        "NaN",
                                        "'a'",
                                        "\"",
                                        "\"a",
                                        "a\"",
                                        "\"a\"\"b\"",
                                        "\"\n\"",
                                        "\"\t\"",
                                        "\"\x1f\"",
                                        "\"\\\"",
                                        "\"\\x\"",
                                        "\"\\u12\"",
                                        "\"\\u12g4\"",
                                        "\"\\U0041\"",
                                        "[",
                                        "]",
                                        "[1",
                                        "[1,",
                                        "[1,]",
                                        "[,1]",
                                        "[,]",
                                        "[1 2]",
                                        "[1]]",
                                        "[1}",
                                        "{",
                                        "}",
                                        "{]",
                                        "{\"a\"}",
                                        "{\"a\":}",
                                        "{\"a\":1,}",
                                        "{,\"a\":1}",
                                        "{\"a\" 1}",
                                        "{\"a\":1 \"b\":2}",
                                        "{a:1}",
                                        "{1:1}",
                                        "{\"a\":1]",
                                        "{\"a\"::1}",
                                        "{\"a\":1:2}",
                                        "{\"a\",1}",
                                        "{[]:1}",
                                        "{\"a\":1,\"b\"}",
                                        ",",
                                        ":",
                                        "[:]",
                                        "// x\n1",
                                        "[1]//",
                                        "/**/1",
                                        "\xEF\xBB\xBF{}",
                                        "\x0b"
                                        "1",
                                        "[1\x0c,2]",
                                        "[1\x1a 2]",
                                        "\xC2\xA0"
                                        "1",
                                        "\"\xFF\"",
                                        "\"\xC3\"",
                                        "\"\xED\xA0\x80\"",
                                        "\"\xC0\xAF\"",
                                        "\"\xF4\x90\x80\x80\"",
                                        "{\"\xFF\":1}",
                                        "\0"sv,
                                        "1\0"sv,
                                        "\"\0\""sv,
                                        "{}\0"sv,
                                        "\\",
                                        "\\\"a\\\"",
                                        "[\\]"};

std::string nested(std::size_t depth) { return std::string(depth, '[') + std::string(depth, ']'); }

TEST_CASE("what is no JSON text is refused") {
  JsonDocument document;
  for (const std::string_view text : refused) {
    const auto result = document.parse_copy(text);
    INFO(text);
    REQUIRE_FALSE(result.has_value());
    CHECK(result.error().reason == Reason::malformed_body);
    CHECK_THAT(result.error().detail, Catch::StartsWith("invalid JSON: "));
  }
}

TEST_CASE("an error tells what is wrong and at which byte") {
  const std::pair<std::string_view, std::string_view> rows[] = {
      {"[1, 2", "a bracket is not closed at byte 5"},
      {"[1, 2}", "a comma or a closing bracket is missing at byte 5"},
      {"{\"a\" 1}", "a colon is missing at byte 5"},
      {"{\"a\":1,}", "a key is missing at byte 7"},
      {"[1,]", "not a value at byte 3"},
      {"[", "a value is missing at byte 1"},
      {"{} {}", "text behind the value at byte 3"},
      {"[tru]", "not a value at byte 1"},
      {"\"ab\\q\"", "invalid escape at byte 3"},
  };
  JsonDocument document;
  for (const auto& [text, detail] : rows) {
    const auto result = document.parse_copy(text);
    INFO(text);
    REQUIRE_FALSE(result.has_value());
    CHECK(result.error().detail == "invalid JSON: " + std::string{detail});
  }
}

TEST_CASE("an error never repeats the text, which may hold a secret") {
  JsonDocument document;
  const auto result = document.parse_copy(R"({"token":"hunter2",})");
  REQUIRE_FALSE(result.has_value());
  CHECK_THAT(result.error().detail, !Catch::Contains("hunter2"));
}

TEST_CASE("nesting is taken up to its bound and refused beyond") {
  JsonDocument document;
  CHECK(document.parse_copy(nested(json_depth_max)).has_value());
  const auto result = document.parse_copy(nested(json_depth_max + 1));
  REQUIRE_FALSE(result.has_value());
  CHECK_THAT(result.error().detail, Catch::Contains("nested too deeply at byte 512"));
  CHECK_FALSE(document.parse_copy(std::string(1'000'000, '[')).has_value());
  std::string objects;
  for (std::size_t i = 0; i < json_depth_max; ++i) objects += "{\"a\":";
  CHECK(document.parse_copy(objects + "1" + std::string(json_depth_max, '}')).has_value());
}

}  // namespace
}  // namespace signalbox
