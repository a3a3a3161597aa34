// Bodies of events, compressed for the archive. Two formats, told apart by their first four bytes:
// LZ4 frames where a webhook waits for it, since that takes half of zstd's fastest time for the
// same size; zstd (RFC 8878) where nothing waits, since that is a quarter smaller. Thread-safe.
#pragma once

#include <string>
#include <string_view>

#include "event/error.hpp"

namespace signalbox {

// Both require memory only and throw std::bad_alloc.
std::string compress_body(std::string_view body);          // an LZ4 frame
std::string compress_body_smaller(std::string_view body);  // zstd

// Of either format. body_too_large when the text is longer than `bytes_max`, internal_error when
// `compressed` is damaged. Nothing longer than `bytes_max` is ever allocated.
Result<std::string> decompress_body(std::string_view compressed, std::size_t bytes_max);

}  // namespace signalbox
