// How many connections the process has descriptors for. The listeners keep below it, so that it
// never runs out of them: a connection too many is closed and counted, probes have room of their
// own, and files, Redis and logs can be opened whatever peers do.
#pragma once

#include <cstddef>
#include <cstdint>

namespace signalbox {

// Beside connections and what threads have: log, Redis, listeners, files of configuration and
// spool.
inline constexpr std::uint64_t own_descriptors = 64;
// Of a thread: its event loop, its connections to Redis.
inline constexpr std::uint64_t thread_descriptors = 8;

struct ConnectionRoom {
  std::uint32_t hooks = 0;
  std::uint32_t api = 0;

  bool operator==(const ConnectionRoom&) const = default;
};

// What is left of `wanted` where the process may open `descriptors` files: all, or a quarter of the
// room for the private listener and the rest for the public one, each at least one. What one does
// not want is the other's.
ConnectionRoom connection_room(ConnectionRoom wanted, std::size_t threads,
                               std::uint64_t descriptors) noexcept;

// What the process may open now; the largest number where there is no limit.
std::uint64_t descriptor_limit() noexcept;

}  // namespace signalbox
