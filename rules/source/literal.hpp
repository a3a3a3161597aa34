// A value as somebody wrote it in a rule, with its place: what patterns, data templates and the
// events of rule tests are read from. YAML and JSON both become one, so that nothing behind this
// knows which it was.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "event/json.hpp"

namespace signalbox {

struct Place {
  int line = 0;  // 1-based; 0 where there is none
  int column = 0;
};

struct Literal {
  struct Field;

  JsonKind kind = JsonKind::null;
  std::string text;  // a string's characters, a number's spelling, "true", "false" or "null"
  std::vector<Field> fields;      // of an object, in order, repeated keys included
  std::vector<Literal> elements;  // of an array
  Place place;

  bool is(JsonKind wanted) const noexcept { return kind == wanted; }
};

struct Literal::Field {
  std::string key;
  Place place;
  Literal value;
};

// Nesting deeper than this is refused when it is read.
inline constexpr int literal_depth_max = 64;

// Strings keep lone surrogates, each as the three bytes that UTF-8 would give its code. Nothing for
// what is nested too deeply.
std::optional<Literal> read_literal(Json json);

// A JSON string's characters as read_literal() keeps them. May point into `kept`.
std::string_view exact_text(Json string, std::string& kept);

std::string to_json(const Literal& literal);

// `base` with the fields of `over` laid upon it, mapping by mapping; any other value replaces.
Literal merged(Literal base, const Literal& over);

// Scalars, lists and mappings, itself included.
std::size_t value_count(const Literal& literal) noexcept;

}  // namespace signalbox
