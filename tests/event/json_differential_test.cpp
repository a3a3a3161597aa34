// JsonDocument against two second opinions, the plain parser in json_reference.cpp and simdjson's
// own DOM, on texts that are changed at random, with each of simdjson's implementations that this
// machine runs. The seed is printed when a test fails; SIGNALBOX_TEST_SEED repeats it.
#include <simdjson.h>

#include <catch2/catch.hpp>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <random>

#include "event/json.hpp"
#include "event/json_escape.hpp"
#include "tests/event/json_outline.hpp"
#include "tests/event/json_reference.hpp"
#include "tests/source_tree.hpp"

namespace signalbox {
namespace {

constexpr int rounds = 20'000;

constexpr std::string_view seeds[] = {
    R"({"a":1,"b":[true,false,null,-0.5e+10],"c":{"d":"e"},"a":2})",
    R"(  [ 1 , 2.50 , -3e2 , "x\ny" , "\u00e9\ud83d\ude82\ud800x" , {} , [] , "" ]  )",
    R"({"\u0061":"escaped key","a":"plain key","a\"b":1,"a\\":2,"":3})",
    R"([[[[[[[[[[[[[[[[[[[["deep"]]]]]]]]]]]]]]]]]]]])",
    R"({"n":123456789012345678901234567890,"m":-9223372036854775808,"l":1e999,"k":0.1})",
    "\"\xC3\xA9\xE2\x98\x83\xF0\x9F\x9A\x82 and \\\\ and \\\" and \\/\"",
    R"({"long":"................................................................................"})",
    R"({"x":"\\\\\\\"","y":"\\\\\\\\","z":"\b\f\n\r\t"})",
    "{\"white\"\t:\r\n \"space\" , \"b\" :\n[ ]\n}\n",
    "0",
    "-1",
    "true",
    "null",
    "\"\"",
};

constexpr std::string_view pieces[] = {
    "{",
    "}",
    "[",
    "]",
    ",",
    ":",
    "\"",
    "\\",
    "\\\\",
    "\\\"",
    "\\u",
    "\\ud800",
    "\\udc00",
    "\\u0000",
    "\\u00e9",
    "\\x",
    "true",
    "false",
    "nul",
    "null",
    "0",
    "00",
    "-",
    "-0",
    "1.",
    ".5",
    "1e",
    "1E+5",
    "1e400",
    "18446744073709551616",
    " ",
    "\n",
    "\t",
    "\r",
    "\x0b",
    "\x0c",
    "\x1a",
    "\x1f",
    "\x7f",
    "\xC3\xA9",
    "\xC3",
    "\xED\xA0\x80",
    "\xF4\x90\x80\x80",
    "\xC0\x80",
    "\xEF\xBB\xBF",
    "\"a\":1",
    ",\"a\":{}",
    "[]",
    "{}",
    "/**/",
    "'",
    "+1",
    "NaN",
    "\"k\\u0061\":",
};
const std::string_view nul{"\0", 1};

std::string change(std::string text, std::mt19937_64& random) {
  const auto below = [&](std::size_t n) { return static_cast<std::size_t>(random() % n); };
  for (std::size_t changes = 1 + below(3); changes > 0; --changes) {
    const std::size_t at = below(text.size() + 1);
    const std::size_t length = std::min(below(9), text.size() - at);
    switch (below(7)) {
      case 0:
        text.insert(at, pieces[below(std::size(pieces))]);
        break;
      case 1:
        text.erase(at, length);
        break;
      case 2:
        text.insert(at, text.substr(below(text.size() + 1), below(40)));
        break;
      case 3:
        if (at < text.size()) text[at] = static_cast<char>(random());
        break;
      case 4:
        text.resize(at);
        break;
      case 5:
        text.insert(at, nul);
        break;
      default:
        text.replace(at, length, pieces[below(std::size(pieces))]);
    }
  }
  return text;
}

std::uint64_t seed() {
  const char* given = std::getenv("SIGNALBOX_TEST_SEED");
  return given == nullptr ? std::random_device{}() : std::strtoull(given, nullptr, 10);
}

// What simdjson's DOM refuses and RFC 8259 allows: numbers beyond its types, lone surrogates.
bool is_limit_of_dom(simdjson::error_code error) {
  return error == simdjson::NUMBER_ERROR || error == simdjson::STRING_ERROR;
}

void compare(JsonDocument& document, simdjson::dom::parser& dom, const std::string& text) {
  const auto expected = test::reference_outline(text, json_depth_max);
  // The bytes behind the text are hostile: digits and quotes that would go on where it ends.
  std::string padded = text;
  for (std::size_t i = 0; i < json_padding; ++i) padded += i % 2 == 0 ? '1' : '"';
  const auto parsed = document.parse(std::string_view{padded}.substr(0, text.size()));
  std::string shown;
  append_json_string(shown, text);
  CAPTURE(shown);
  REQUIRE(parsed.has_value() == expected.has_value());
  const auto error = dom.parse(text).error();
  if (parsed.has_value()) {
    REQUIRE(test::outline(*parsed) == *expected);
    REQUIRE(test::lookup_fault(*parsed) == "");
    REQUIRE((error == simdjson::SUCCESS || is_limit_of_dom(error)));
  } else {
    REQUIRE(parsed.error().reason == Reason::malformed_body);
    REQUIRE(error != simdjson::SUCCESS);
  }
}

std::vector<std::string> corpus() {
  std::vector<std::string> texts{std::begin(seeds), std::end(seeds)};
  for (const char* name : {"/github_requests.json", "/github_vectors.json"}) {
    std::ifstream file{test::source_path("tests/samples") + name};
    for (std::string line; std::getline(file, line);) {
      if (line.size() > 2) texts.push_back(line.substr(0, line.find_last_of('}') + 1));
    }
  }
  return texts;
}

// Restores simdjson's choice of implementation.
struct Restore {
  const simdjson::implementation* chosen = simdjson::get_active_implementation();
  ~Restore() { simdjson::get_active_implementation() = chosen; }
};

TEST_CASE("random texts are taken, refused and read as two other parsers do") {
  const auto start = seed();
  const auto texts = corpus();
  REQUIRE(texts.size() > 100);
  const Restore restore;
  for (const auto* implementation : simdjson::get_available_implementations()) {
    if (!implementation->supported_by_runtime_system()) continue;
    simdjson::get_active_implementation() = implementation;
    JsonDocument document;
    simdjson::dom::parser dom;
    std::mt19937_64 random{start};
    INFO("SIGNALBOX_TEST_SEED=" << start << ", implementation " << implementation->name());
    for (const std::string& text : texts) compare(document, dom, text);
    for (int round = 0; round < rounds; ++round) {
      compare(document, dom, change(texts[random() % texts.size()], random));
    }
  }
}

TEST_CASE("every text of up to three characters is taken or refused as by two other parsers") {
  constexpr std::string_view alphabet = "{}[]:,\"\\ 01-.eatu\x0c\x1a\xC3";
  JsonDocument document;
  simdjson::dom::parser dom;
  for (const char a : alphabet) {
    compare(document, dom, {a});
    for (const char b : alphabet) {
      compare(document, dom, {a, b});
      for (const char c : alphabet) compare(document, dom, {a, b, c});
    }
  }
}

}  // namespace
}  // namespace signalbox
