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

  // One bounded step in a namespace: RedisStore::trim_archive().
  using Trim = std::function<Task<Result<ArchiveState>>(const std::string& space,
                                                        ArchiveBounds bounds, Deadline deadline)>;

  // `config` is asked before each round for the configuration of now.
  ArchiveTrimmer(boost::asio::io_context& io, Trim trim,
                 std::function<std::shared_ptr<const Config>()> config)
      : io_{io}, trim_{std::move(trim)}, config_{std::move(config)} {}

  Task<void> run();  // until its io_context ends
  // Trims each namespace as far as its bounds ask for. Ends early where the store does not answer;
  // the numbers are then those of the round before.
  Task<void> round();

  // What all namespaces held at the end of the last round.
  std::uint64_t events() const noexcept { return events_.load(std::memory_order_relaxed); }
  std::uint64_t bytes() const noexcept { return bytes_.load(std::memory_order_relaxed); }
  // What this process has taken out since its start.
  std::uint64_t taken_out() const noexcept { return taken_out_.load(std::memory_order_relaxed); }
  std::uint64_t bytes_taken_out() const noexcept {
    return bytes_taken_out_.load(std::memory_order_relaxed);
  }

 private:
  Task<Result<ArchiveState>> trim(const std::string& space, ArchiveBounds bounds);

  boost::asio::io_context& io_;
  Trim trim_;
  std::function<std::shared_ptr<const Config>()> config_;
  std::atomic<std::uint64_t> events_{0};
  std::atomic<std::uint64_t> bytes_{0};
  std::atomic<std::uint64_t> taken_out_{0};
  std::atomic<std::uint64_t> bytes_taken_out_{0};
};

}  // namespace signalbox
