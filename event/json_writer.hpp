// Writes JSON (RFC 8259) to the end of a buffer, member by member and element by element, without a
// tree in between. What is raw is written as it stands and must be JSON. The buffer must outlive
// its writer, and is the writer's alone while that is open, but for what it hands out.
#pragma once

#include <array>
#include <cassert>
#include <charconv>
#include <concepts>
#include <string>
#include <string_view>

#include "event/clock.hpp"

namespace signalbox {

// An object. Keys must need no escapes.
class JsonObject {
 public:
  explicit JsonObject(std::string& out) : out_{out} { out_ += '{'; }
  JsonObject& text(std::string_view key, std::string_view text);
  JsonObject& raw(std::string_view key, std::string_view json);  // numbers, containers, booleans
  template <std::integral Number>
  JsonObject& number(std::string_view key, Number number) {
    std::array<char, 24> digits;
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
    return raw(key, {digits.data(), static_cast<std::size_t>(end - digits.data())});
  }
  JsonObject& time(std::string_view key, Time time);  // RFC 3339
  JsonObject& boolean(std::string_view key, bool value) {
    return raw(key, value ? "true" : "false");
  }
  // The buffer behind the key: what is appended to it now is the value.
  std::string& value(std::string_view key);
  void close() {
    assert(open_);
    open_ = false;
    out_ += '}';
  }

 private:
  std::string& out_;
  bool first_ = true;
  bool open_ = true;
};

// An array.
class JsonArray {
 public:
  explicit JsonArray(std::string& out) : out_{out} { out_ += '['; }
  // The buffer behind the comma: what is appended to it now is the next element.
  std::string& element() {
    assert(open_);
    if (!first_) out_ += ',';
    first_ = false;
    return out_;
  }
  void close() {
    assert(open_);
    open_ = false;
    out_ += ']';
  }

 private:
  std::string& out_;
  bool first_ = true;
  bool open_ = true;
};

}  // namespace signalbox
