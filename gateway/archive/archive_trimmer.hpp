// Keeps the archive of events within its bounds, in small steps off the way of webhooks. Any number
// of gateways may do so at once: each step is one script. Runs on one thread; the numbers may be
// read from any.
#pragma once

#include <atomic>
#include <functional>
#include <string>
#include <vector>

#include "gateway/config/config.hpp"
#include "store/redis/redis_store.hpp"

namespace signalbox {

ArchiveBounds archive_bounds_of(const Config& config);

class ArchiveTrimmer {
 public:
  static constexpr std::chrono::seconds interval{2};  // between two rounds
  static constexpr Milliseconds step_pause{1};        // between two steps of a round

  // Asked before each round for the configuration of now. The store must outlive this.
  ArchiveTrimmer(boost::asio::io_context& io, RedisStore& store,
                 std::function<std::shared_ptr<const Config>()> config)
      : io_{io}, store_{store}, config_{std::move(config)} {}

  Task<void> run();  // until its io_context ends

  // At the end of the last round, over all namespaces.
  std::uint64_t events() const noexcept { return events_.load(std::memory_order_relaxed); }
  std::uint64_t bytes() const noexcept { return bytes_.load(std::memory_order_relaxed); }
  // By this process, since its start.
  std::uint64_t taken_out() const noexcept { return taken_out_.load(std::memory_order_relaxed); }
  std::uint64_t bytes_taken_out() const noexcept {
    return bytes_taken_out_.load(std::memory_order_relaxed);
  }

 private:
  Task<void> round();
  Task<Result<ArchiveState>> trim(RedisStore& store, ArchiveBounds bounds);

  boost::asio::io_context& io_;
  RedisStore& store_;
  std::function<std::shared_ptr<const Config>()> config_;
  std::atomic<std::uint64_t> events_{0};
  std::atomic<std::uint64_t> bytes_{0};
  std::atomic<std::uint64_t> taken_out_{0};
  std::atomic<std::uint64_t> bytes_taken_out_{0};
};

}  // namespace signalbox
