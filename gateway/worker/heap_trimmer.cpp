#include "gateway/worker/heap_trimmer.hpp"

#include <algorithm>

namespace signalbox {
namespace {

bool is_over(std::size_t most, std::size_t left, std::size_t least) noexcept {
  return most >= 2 * left && most - left >= least;
}

}  // namespace

bool HeapTrimmer::looks_worth_it(std::size_t connections, std::size_t bytes,
                                 std::chrono::steady_clock::time_point now) noexcept {
  connections_ = std::max(connections_, connections);
  bytes_ = std::max(bytes_, bytes);
  const bool worth_it = is_over(connections_, connections, trimmed_connections_least) ||
                        is_over(bytes_, bytes, trimmed_bytes_least);
  if (!worth_it || now < next_) return false;
  connections_ = connections;
  bytes_ = bytes;
  next_ = now + trim_interval;
  return true;
}

}  // namespace signalbox
