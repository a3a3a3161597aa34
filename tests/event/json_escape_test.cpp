#include "event/json_escape.hpp"

#include <catch2/catch.hpp>

#include "event/json.hpp"

namespace signalbox {
namespace {

using namespace std::string_view_literals;

std::string quoted(std::string_view text) {
  std::string out = "before ";
  append_json_string(out, text);
  return out.substr(7);
}

TEST_CASE("a text is written in quotes with what JSON wants escaped") {
  CHECK(quoted("") == "\"\"");
  CHECK(quoted("plain / text") == "\"plain / text\"");
  CHECK(quoted("\"\\\n\r\t") == R"("\"\\\n\r\t")");
  CHECK(quoted("\0\x01\x1f\x7f"sv) == "\"\\u0000\\u0001\\u001f\x7f\"");
  CHECK(quoted("\xF0\x9F\x9A\x82") == "\"\xF0\x9F\x9A\x82\"");
}

TEST_CASE("what is written is read back as it was") {
  JsonDocument document;
  for (unsigned a = 0; a < 128; ++a) {
    for (unsigned b = 0; b < 128; ++b) {
      const std::string text{static_cast<char>(a), static_cast<char>(b)};
      const auto parsed = document.parse_copy(quoted(text));
      REQUIRE(parsed.has_value());
      REQUIRE(parsed->string() == text);
    }
  }
}

TEST_CASE("the first backslash that escapes nothing is found") {
  const std::pair<std::string_view, std::optional<std::size_t>> rows[] = {
      {"", std::nullopt},
      {"none", std::nullopt},
      {R"(\n\\\"\/\b\f\r\t)", std::nullopt},
      {R"(\u00E9)", std::nullopt},
      {R"(\)", 0},
      {R"(a\x)", 1},
      {R"(\\\)", 2},
      {R"(\u00e)", 0},
      {R"(\u00eg)", 0},
      {"\\\0"sv, 0},
      {R"(ok\n then \N)", 10},
  };
  for (const auto& [text, expected] : rows) {
    bool any = false;
    INFO(text);
    CHECK(find_invalid_escape(text, any) == expected);
    CHECK(any == (text.find('\\') != std::string_view::npos));
  }
}

TEST_CASE("a list of texts is a JSON array of them") {
  CHECK(json_list({}) == "[]");
  const std::string texts[] = {"a", "b\"", ""};
  CHECK(json_list(texts) == R"(["a","b\"",""])");
}

}  // namespace
}  // namespace signalbox
