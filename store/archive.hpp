// Bodies of events, compressed for the archive. Two formats, told apart by their first four bytes:
// ordinary bodies are LZ4 frames, since a webhook waits for it and zstd takes twice the time for
// the same size; long ones are zstd (RFC 8878), which makes them a quarter smaller. Thread-safe.
#pragma once

#include <string>
#include <string_view>

#include "event/error.hpp"

namespace signalbox {

// What is longer takes so long to compress that it is not done on an I/O thread.
inline constexpr std::size_t ordinary_body_bytes_max = 64 * 1024;

// Requires memory only; throws std::bad_alloc.
std::string compress_body(std::string_view body);

// Takes either format. body_too_large when the text is longer than `bytes_max`, internal_error when
// `compressed` is damaged. Nothing longer than `bytes_max` is ever allocated.
Result<std::string> decompress_body(std::string_view compressed, std::size_t bytes_max);

}  // namespace signalbox
