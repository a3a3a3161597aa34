#include "connectors/request/body.hpp"

#include <catch2/catch.hpp>

namespace signalbox {
namespace {

using namespace std::string_view_literals;

TEST_CASE("a media type is read without its parameters and the white space around it") {
  CHECK(media_type("application/json") == "application/json");
  CHECK(media_type("application/json; charset=utf-8") == "application/json");
  CHECK(media_type(" application/json ;charset=utf-8") == "application/json");
  CHECK(media_type("") == "");
  CHECK(media_type(" \t") == "");
  CHECK(media_type(";x") == "");
}

TEST_CASE("a form field is decoded") {
  const std::pair<std::string_view, std::string_view> rows[] = {
      {"payload=%7B%22a%22%3A+1%7D", R"({"a": 1})"},
      {"payload=%7b%22a%22%3a1%7d", R"({"a":1})"},
      {"payload=a%2Bb%26y=2", "a+b&y=2"},
      {"payload=", ""},
      {"payload=a=b", "a=b"},
      {"payload=caf%C3%A9", "caf\xC3\xA9"},
      {"payload=%00", "\0"sv},
  };
  for (const auto& [form, expected] : rows) {
    std::string out = "left over";
    const auto text = form_field(form, "payload", out);
    INFO(form);
    REQUIRE(text.has_value());
    CHECK(*text == expected);
    CHECK(text->data() == out.data());
    CHECK(out.size() == text->size() + json_padding);
  }
}

TEST_CASE("a form that is not one well encoded field is refused") {
  for (const std::string_view form : {"",
                                      "x=1",
                                      "payloads=1",
                                      "Payload=1",
                                      "payload=1&payload=2",
                                      "x=1&payload=1",
                                      "payload=1&x=2",
                                      "payload=1&",
                                      "&payload=1",
                                      "payload",
                                      " payload=1",
                                      "\xEF\xBB\xBFpayload=1",
                                      "%70ayload=1",
                                      "payload&payload=2",
                                      "payload=%",
                                      "payload=%4",
                                      "payload=%4g",
                                      "payload=%%41",
                                      "payload=%u0041",
                                      "payload=%7B%2"}) {
    std::string out;
    const auto text = form_field(form, "payload", out);
    INFO(form);
    REQUIRE_FALSE(text.has_value());
    CHECK(text.error().reason == Reason::malformed_body);
  }
}

}  // namespace
}  // namespace signalbox
