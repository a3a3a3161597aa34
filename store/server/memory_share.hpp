// How much memory the embedded Redis may use, so that it refuses writes, which senders repeat and a
// spool takes, rather than be killed by the kernel in the midst of them. Linux.
#pragma once

#include <cstdint>
#include <string>

namespace signalbox {

// What this process may use: the machine's memory, or the limit of its control group, or of one
// above it, where that is lower. 0 where neither is told.
std::uint64_t usable_memory_bytes();

// The lowest `memory.max` from a control group up to the root; 0 where there is none. `root` is
// where they are mounted, `group` the path below it, as "/system.slice/signalbox.service".
std::uint64_t control_group_bytes(const std::string& root, const std::string& group);

// Of that a half, but no less than 64 MiB: while Redis rewrites its append-only file the kernel
// copies what is changed meanwhile, at the worst all of it. 0 where the memory is not known.
std::uint64_t redis_memory_bytes_max(std::uint64_t usable_bytes) noexcept;
inline constexpr std::uint64_t redis_memory_bytes_least = std::uint64_t{64} << 20U;

}  // namespace signalbox
