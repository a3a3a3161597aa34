// Deliveries that were refused, kept for operators who ask why (`hooks.keep_refused`, off by
// default). In memory only, bounded by count and bytes: the oldest leave first, so whoever floods
// the gateway with refused deliveries pushes others out, and no more. What is kept is unsigned text
// of a sender: it is compared, never interpreted, and never shown but for the delivery's id.
// Thread-safe; taken only where a delivery was refused.
#pragma once

#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "event/clock.hpp"
#include "event/error.hpp"

namespace signalbox {

inline constexpr std::size_t refused_bytes_max = 16 * 1024 * 1024;  // of all deliveries together
inline constexpr std::size_t refused_body_bytes_max = 256 * 1024;   // of one that is kept whole

struct RefusedDelivery {
  Time received{};
  std::string source;    // a configured one
  std::string delivery;  // the provider's id; unsigned
  Error error{Reason::internal_error, {}};
  std::string peer;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;  // empty where it was too large
  std::uint64_t body_bytes = 0;

  bool is_whole() const noexcept { return body.size() == body_bytes; }
};

class RefusedRing {
 public:
  using Entry = std::shared_ptr<const RefusedDelivery>;

  // Keeps at most `most` deliveries, this one included.
  void keep(RefusedDelivery delivery, std::size_t most);
  // The newest first: all, or those of one delivery id; at most `max`.
  std::vector<Entry> find(std::string_view delivery, std::size_t max) const;

 private:
  mutable std::mutex mutex_;
  std::deque<Entry> entries_;  // oldest first
  std::size_t bytes_ = 0;
};

}  // namespace signalbox
