// Bounds the log lines of refusals: who sends what is refused, with no secret at all, must not be
// able to fill a disk with lines, nor to push those of others out of the log. A token bucket for
// each listener, reason and group of sources lets a burst through and then one line a second; what
// is held back is counted, and told in one line a second.
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <string_view>

#include "event/error.hpp"
#include "gateway/limits/token_bucket.hpp"

namespace signalbox {

enum class RefusedAt : std::uint8_t { hooks, api };  // the listener
std::string_view to_string(RefusedAt listener) noexcept;

inline constexpr std::uint32_t refusal_burst_max = 20;  // lines of a bucket at once
inline constexpr std::chrono::seconds refusal_line_interval{1};

// Thread-safe. No locks, no allocation until tell().
class RefusalLines {
 public:
  using Instant = std::chrono::steady_clock::time_point;

  // True where a line may be written now; otherwise the refusal is counted for tell(). `source` may
  // be empty.
  bool take(RefusedAt listener, Reason reason, std::string_view source, Instant now) noexcept;

  // Writes one line for each listener and reason that had refusals held back since the last time:
  // `msg="more refused" listener=… reason=… count=1234`. Call about once a second, and at the end.
  void tell();

 private:
  static constexpr std::size_t listeners = 2;
  static constexpr std::size_t groups = 8;  // so that one source does not silence all others

  struct Bucket {
    TokenBucket lines;
    std::atomic<std::uint64_t> held_back{0};
  };
  std::array<std::array<std::array<Bucket, groups>, reason_count>, listeners> buckets_;
};

}  // namespace signalbox
