// A form field is decoded as a second, slower decoder does, and stays within its bounds.
#include <optional>

#include "connectors/request/body.hpp"
#include "tests/fuzz/expect.hpp"

using namespace signalbox;
using fuzz::expect;

namespace {

std::optional<std::string> decode(std::string_view encoded) {
  std::string out;
  for (std::size_t i = 0; i < encoded.size(); ++i) {
    if (encoded[i] == '+') {
      out += ' ';
    } else if (encoded[i] != '%') {
      out += encoded[i];
    } else {
      const std::string digits{encoded.substr(i + 1, 2)};
      if (digits.find_first_not_of("0123456789abcdefABCDEF") != std::string::npos)
        return std::nullopt;
      if (digits.size() != 2) return std::nullopt;
      out += static_cast<char>(std::stoi(digits, nullptr, 16));
      i += 2;
    }
  }
  return out;
}

// What is behind the name; nothing where there is anything else, or it cannot be decoded.
std::optional<std::string> reference(const std::string& form, std::string_view name) {
  const std::size_t equals = form.find('=');
  if (equals == std::string::npos || form.substr(0, equals) != name) return std::nullopt;
  const std::string value = form.substr(equals + 1);
  return value.find('&') == std::string::npos ? decode(value) : std::nullopt;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string form{reinterpret_cast<const char*>(data), size};
  std::string out = "left over from another body";
  const auto field = form_field(form, "payload", out);
  const auto expected = reference(form, "payload");
  expect(field.has_value() == expected.has_value(), "the second decoder agrees on what is a field");
  if (field.has_value()) {
    expect(*field == *expected, "the second decoder reads the same text");
    expect(out.size() == field->size() + json_padding, "the text is padded");
  } else {
    expect(field.error().reason == Reason::malformed_body, "a wrong form is a malformed body");
  }
  media_type(form);
  return 0;
}
