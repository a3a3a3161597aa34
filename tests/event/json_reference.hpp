// A second opinion on JSON: a plain recursive-descent parser of RFC 8259 that shares no code with
// event/json, for the differential test and the fuzzer. Thread-safe.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace signalbox::test {

// The outline of a text: kinds, numbers as spelled, strings resolved with their length before them,
// and all fields in source order. Nothing when it is not one JSON text in UTF-8, or nested deeper
// than `depth_max`.
std::optional<std::string> reference_outline(std::string_view text, std::size_t depth_max);

// RFC 3629: no overlong forms, no surrogates, nothing beyond U+10FFFF.
bool is_utf8(std::string_view text);

}  // namespace signalbox::test
