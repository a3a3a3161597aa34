// The values that an event has under one path, each with the array elements that it lies in: what
// the interpreter's conditions look at, and what keeps them consistent (two conditions on fields of
// one array must hold in the same element). A view into the event; not thread-safe.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "event/json.hpp"

namespace signalbox {

// An element of an array, by the places of both in the event's text.
struct ArrayElement {
  const char* array_begin;
  const char* array_end;
  const char* begin;
  const char* end;
  std::int32_t outer;  // index of the enclosing element in FieldValues::elements, or -1
};

struct FieldValue {
  Json value;
  std::int32_t
      element;  // innermost array element around it, or -1; a scalar is no element by itself
};

struct FieldValues {
  std::vector<FieldValue> values;  // scalars, in the order of the text
  std::vector<ArrayElement> elements;

  // Fills both with what stands under the path, of which each dot may be nesting or part of a key.
  void collect(Json event, std::string_view path);
};

}  // namespace signalbox
