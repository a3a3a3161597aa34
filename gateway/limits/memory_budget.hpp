// How much memory requests hold that are not answered yet, over all threads: of a listener, of
// strangers together, and of one address. Small requests that come whole are not counted: a thread
// has one at a time.
#pragma once

#include <atomic>
#include <cstdint>

#include "gateway/config/config.hpp"
#include "gateway/limits/address_accounts.hpp"

namespace signalbox {

// Of one listener. Thread-safe.
class MemoryBudget {
 public:
  std::int64_t held_bytes() const noexcept { return held_.load(std::memory_order_relaxed); }

 private:
  friend class MemoryShare;
  std::atomic<std::int64_t> held_{0};
  std::atomic<std::int64_t> held_by_strangers_{0};
};

// What one connection holds of a budget; given back when this ends. Not thread-safe.
class MemoryShare {
 public:
  MemoryShare() = default;
  ~MemoryShare() { release(); }
  MemoryShare(const MemoryShare&) = delete;
  MemoryShare& operator=(const MemoryShare&) = delete;

  // Holds `bytes` from now on, more or less than before. False, and nothing changes, where more is
  // not to be had: all of `max_buffered` is held, or `max_buffered_per_address` by this address, or
  // half of `max_buffered` by strangers, of which this is one unless `known`. The budget and the
  // account, which may be null, must outlive this.
  bool hold(std::int64_t bytes, MemoryBudget& budget, AddressAccount* account, bool known,
            const ListenerConfig& limits) noexcept;
  void release() noexcept;
  std::int64_t bytes() const noexcept { return bytes_; }

 private:
  void count(std::int64_t more) noexcept;

  MemoryBudget* budget_ = nullptr;
  AddressAccount* account_ = nullptr;
  bool known_ = false;
  std::int64_t bytes_ = 0;
};

}  // namespace signalbox
