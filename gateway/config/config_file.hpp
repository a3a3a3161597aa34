// Reading whole small files: configuration, rules, environment files, secrets. Thread-safe.
#pragma once

#include <cstddef>
#include <string>

#include "event/error.hpp"

namespace signalbox {

inline constexpr std::size_t config_file_bytes_max = std::size_t{1024} * 1024;

// The content of a regular file of at most `bytes_max` bytes. not_found, or invalid_argument for
// what is no regular file, too large, or cannot be read; the detail starts with the path and never
// quotes content.
Result<std::string> read_text_file(const std::string& path, std::size_t bytes_max);

// The same for a file that may be a pipe, as `<(...)` of a shell gives one.
Result<std::string> read_stream_file(const std::string& path, std::size_t bytes_max);

// The whole of standard input, whatever it is: a file, a pipe, or a socket, which cannot be opened
// by name.
Result<std::string> read_standard_input(std::size_t bytes_max);

// True when users other than the owner and the group may read the file.
bool is_world_readable(const std::string& path) noexcept;
// Its group or everybody may write it.
bool is_writable_by_others(const std::string& path) noexcept;

}  // namespace signalbox
