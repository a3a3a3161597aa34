// An entry of the spool as it stands in a file: its length, its CRC-32, its bytes. What was torn by
// a crash is no whole frame. Linux.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace signalbox {

inline constexpr std::uint64_t frame_head_bytes = 8;

std::string frame_of(const std::string& entry);

// The entry at a place of a file, which ends at `end`; nothing when it is not whole.
std::optional<std::string> entry_at(int file, std::uint64_t at, std::uint64_t end);

// The length of the entry whose frame begins there; nothing when it cannot be read.
std::optional<std::uint32_t> entry_bytes_at(int file, std::uint64_t at);

// All of the bytes, or false with errno.
bool write_fully(int file, std::string_view bytes);

}  // namespace signalbox
