// JsonDocument takes, refuses and reads every text as a plain parser and simdjson's own DOM do.
#include <simdjson.h>

#include "event/json.hpp"
#include "tests/event/json_outline.hpp"
#include "tests/event/json_reference.hpp"
#include "tests/fuzz/expect.hpp"

using namespace signalbox;
using fuzz::expect;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static JsonDocument document;
  static simdjson::dom::parser dom;
  const std::string text{reinterpret_cast<const char*>(data), size};
  const auto expected = test::reference_outline(text, json_depth_max);
  const auto parsed = document.parse_copy(text);
  const auto error = dom.parse(text).error();
  expect(parsed.has_value() == expected.has_value(), "the plain parser agrees on what is JSON");
  if (parsed.has_value()) {
    expect(test::outline(*parsed) == *expected, "the plain parser reads the same values");
    expect(test::lookup_fault(*parsed).empty(), "each key and element is found");
    // Numbers beyond 64 bits and lone surrogates are where simdjson's DOM is narrower than RFC
    // 8259.
    expect(error == simdjson::SUCCESS || error == simdjson::NUMBER_ERROR ||
               error == simdjson::STRING_ERROR,
           "simdjson's DOM takes it");
  } else {
    // The DOM allows deeper nesting.
    expect(error != simdjson::SUCCESS || parsed.error().detail.find("deep") != std::string::npos,
           "simdjson's DOM refuses it");
  }
  return 0;
}
