// Gives memory back to the system once a crowd has gone. The C library keeps what was freed in the
// middle of its heap: ten thousand connections that came once would be the process's size for ever.
// Not thread-safe.
#pragma once

#include <chrono>
#include <cstddef>

namespace signalbox {

// Worth it from so much on: connections, or bytes of requests, that there were and are no more.
inline constexpr std::size_t trimmed_connections_least = 1'000;
inline constexpr std::size_t trimmed_bytes_least = 64 * 1024 * 1024;
inline constexpr std::chrono::seconds trim_interval{10};

class HeapTrimmer {
 public:
  // What a thread has now; looked at a few times a second. True where memory should be given back:
  // since the last time the thread had so much more than now, and less than half is left.
  bool looks_worth_it(std::size_t connections, std::size_t bytes,
                      std::chrono::steady_clock::time_point now) noexcept;

 private:
  std::size_t connections_ = 0;  // the most since the last time
  std::size_t bytes_ = 0;
  std::chrono::steady_clock::time_point next_{};
};

}  // namespace signalbox
