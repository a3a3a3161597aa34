#include "event/json.hpp"

#include <catch2/catch.hpp>

namespace signalbox {
namespace {

using namespace std::string_view_literals;

// Keeps the document alive beside the value.
struct Parsed {
  explicit Parsed(std::string_view text) {
    const auto result = document.parse_copy(text);
    INFO(text);
    REQUIRE(result.has_value());
    value = *result;
  }
  JsonDocument document;
  Json value;
};

TEST_CASE("a value has its kind") {
  const std::pair<std::string_view, JsonKind> rows[] = {
      {"null", JsonKind::null},   {"true", JsonKind::boolean},    {"false", JsonKind::boolean},
      {"0", JsonKind::number},    {"-1.5e3", JsonKind::number},   {"\"\"", JsonKind::string},
      {" [ ] ", JsonKind::array}, {"\n{\t}\r", JsonKind::object},
  };
  for (const auto& [text, kind] : rows) {
    INFO(text);
    CHECK(Parsed{text}.value.kind() == kind);
  }
}

TEST_CASE("strings have their escapes resolved") {
  const std::pair<std::string_view, std::string_view> rows[] = {
      {R"("")", ""},
      {R"("plain")", "plain"},
      {R"("\"\\\/\b\f\n\r\t")", "\"\\/\b\f\n\r\t"},
      {R"("\u0041\u00e9\u2603\uD83D\uDE82")", "A\xC3\xA9\xE2\x98\x83\xF0\x9F\x9A\x82"},
      {R"("\u0000x")", "\0x"sv},
      {R"("\ud800")", "\xEF\xBF\xBD"},
      {R"("\udc00\ud800")", "\xEF\xBF\xBD\xEF\xBF\xBD"},
      {R"("\ud800\ud83d\ude82")", "\xEF\xBF\xBD\xF0\x9F\x9A\x82"},
      {R"("\ud800\n")", "\xEF\xBF\xBD\n"},
      {R"("\ud800\u0041")",
       "\xEF\xBF\xBD"
       "A"},
      {R"("a\\")", "a\\"},
      {R"("\\u0041")", "\\u0041"},
  };
  for (const auto& [text, expected] : rows) {
    INFO(text);
    CHECK(Parsed{text}.value.string() == expected);
  }
}

TEST_CASE("a string that was read stays where it is while others are read") {
  const Parsed parsed{R"(["\u0061","\u0062","\u0063"])"};
  const auto first = parsed.value.at(0).string();
  for (const Json element : parsed.value.elements()) CHECK(element.string().value().size() == 1);
  CHECK(first == "a");
  CHECK(parsed.value.at(0).string()->data() == first->data());
}

TEST_CASE("of equal keys the last is found, and all are listed") {
  const Parsed parsed{R"({"a":1,"b":2,"a":3,"\u0061":4})"};
  CHECK(parsed.value["a"].raw() == "4");
  std::string listed;
  for (const auto& [key, value] : parsed.value.fields()) {
    listed += std::string{key} + '=' + std::string{value.raw()} + ' ';
  }
  CHECK(listed == "a=1 b=2 a=3 a=4 ");
}

TEST_CASE("several keys are found in one walk as each is found alone") {
  constexpr std::array<std::string_view, 5> keys{"a", "b", "x", "", "a"};
  for (const std::string_view text :
       {R"({"a":1,"b":2,"":3,"a":4})", R"({"\u0061":1,"b":[],"":{}})", "{}", "[1]"}) {
    const Parsed parsed{text};
    const auto found = parsed.value.pick(keys);
    for (std::size_t i = 0; i < keys.size(); ++i)
      CHECK(found[i].raw() == parsed.value[keys[i]].raw());
  }
  CHECK(Json{}.pick(keys)[0].raw().empty());
}

TEST_CASE("keys are compared whole, with their escapes resolved") {
  const Parsed plain{R"({"ab":1,"a" :2,"":3,"abc":4})"};
  CHECK(plain.value["a"].raw() == "2");
  CHECK(plain.value["ab"].raw() == "1");
  CHECK(plain.value[""].raw() == "3");
  for (const std::string_view other : {"b", "abcd", "a\"", "a\" ", "A", "ab\":1,\"a"}) {
    CHECK_FALSE(plain.value[other]);
  }
  const Parsed escaped{R"({"a\"b":1,"\u00e9":2,"a\u0000":3,"plain":4})"};
  CHECK(escaped.value["a\"b"].raw() == "1");
  CHECK(escaped.value["\xC3\xA9"].raw() == "2");
  CHECK(escaped.value["a\0"sv].raw() == "3");
  CHECK(escaped.value["plain"].raw() == "4");
  CHECK_FALSE(escaped.value["a\\\"b"]);
}

TEST_CASE("integers are exact, and nothing where 64 bits do not hold them") {
  const std::pair<std::string_view, std::optional<std::int64_t>> rows[] = {
      {"0", 0},
      {"-0", 0},
      {"9223372036854775807", INT64_MAX},
      {"-9223372036854775808", INT64_MIN},
      {"9223372036854775808", std::nullopt},
      {"-9223372036854775809", std::nullopt},
      {"123456789012345678901234567890", std::nullopt},
      {"1.0", std::nullopt},
      {"1e3", std::nullopt},
      {"\"1\"", std::nullopt},
  };
  for (const auto& [text, expected] : rows) {
    INFO(text);
    CHECK(Parsed{text}.value.integer() == expected);
  }
}

TEST_CASE("numbers are read as the nearest double, and nothing where there is none") {
  const std::pair<std::string_view, std::optional<double>> rows[] = {
      {"0.1", 0.1},
      {"-2.5e-3", -0.0025},
      {"1E3", 1000.0},
      {"9007199254740993", 9007199254740992.0},
      {"1.7976931348623157e308", 1.7976931348623157e308},
      {"1e999", std::nullopt},
      {"true", std::nullopt},
  };
  for (const auto& [text, expected] : rows) {
    INFO(text);
    CHECK(Parsed{text}.value.number() == expected);
  }
}

TEST_CASE("raw text is as it stands in the source") {
  const Parsed parsed{R"({"n": 1.50 ,"s":"a\u0062" , "o" : { "x" : [ 1 , 2 ] } ,"e":[ ]})"};
  CHECK(parsed.value["n"].raw() == "1.50");
  CHECK(parsed.value["s"].raw() == R"("a\u0062")");
  CHECK(parsed.value["o"].raw() == R"({ "x" : [ 1 , 2 ] })");
  CHECK(parsed.value["e"].raw() == "[ ]");
}

TEST_CASE("a lookup in what is missing or of another kind is missing") {
  const Parsed parsed{R"({"o":{},"a":[1],"s":"x"})"};
  CHECK_FALSE(parsed.value["x"]["y"].at(3)["z"]);
  CHECK_FALSE(parsed.value["a"]["0"]);
  CHECK_FALSE(parsed.value["a"].at(1));
  CHECK_FALSE(parsed.value["o"].at(0));
  CHECK_FALSE(parsed.value["s"]["x"]);
  const Json missing;
  CHECK_FALSE(missing["x"]);
  CHECK(missing.raw().empty());
  CHECK_FALSE(missing.string());
  CHECK(missing.string_or("else") == "else");
  CHECK(missing.fields().begin() == missing.fields().end());
  CHECK(parsed.value["a"].fields().begin() == parsed.value["a"].fields().end());
  CHECK(parsed.value["o"].elements().begin() == parsed.value["o"].elements().end());
}

TEST_CASE("a document can be used again after an error and after a huge text") {
  JsonDocument document;
  CHECK_FALSE(document.parse_copy("[1,").has_value());
  CHECK((*document.parse_copy("[1]")).raw() == "[1]");
  std::string huge = "[";
  for (int i = 0; i < 600'000; ++i) huge += "\"\\n\",";
  huge += "1]";
  const auto large = document.parse_copy(huge);
  REQUIRE(large.has_value());
  std::size_t escaped = 0;
  for (const Json element : large->elements()) escaped += element.string() == "\n" ? 1 : 0;
  CHECK(escaped == 600'000);
  const auto small = document.parse_copy(R"({"a":"\t"})");
  REQUIRE(small.has_value());
  CHECK((*small)["a"].string() == "\t");
  CHECK(document.parse_copy(huge).has_value());
}

TEST_CASE("no view of a document outlives the next text unnoticed: values are of the last one") {
  JsonDocument document;
  REQUIRE(document.parse_copy(R"(["\u0061"])").has_value());
  const auto second = document.parse_copy(R"(["\u0062"])");
  REQUIRE(second.has_value());
  CHECK(second->at(0).string() == "b");
}

}  // namespace
}  // namespace signalbox
