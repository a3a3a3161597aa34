// Reads the configuration again on request and when one of its files changes, on a thread of its
// own: whole or not at all. Files are looked at every second by name, size, inode and time, which
// also sees the swapped links of mounted directories; one that is still being written is read once
// it has been quiet for a second.
#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include "gateway/config/config.hpp"

namespace signalbox {

class Reloader {
 public:
  using Load = std::function<LoadedConfig()>;
  // Puts a configuration into use; says why not where it cannot. Called from the reloader's thread.
  using Publish = std::function<std::optional<std::string>(std::shared_ptr<const Config>)>;

  struct Status {
    std::uint64_t succeeded = 0;
    std::uint64_t failed = 0;
    Time loaded{};                      // when the configuration in use was read
    std::string failure;                // of the last attempt; empty when it succeeded
    std::vector<std::string> findings;  // of the last attempt, at most `reported_max`, for people
    std::size_t rules = 0;              // that the last attempt read, where it succeeded
    std::string ruleset;                // their digest

    std::uint64_t attempts() const noexcept { return succeeded + failed; }
  };

  static constexpr std::size_t reported_max = 20;

  static constexpr Milliseconds look_interval{1'000};

  // `inputs` are those of the configuration in use; its files are looked at every `interval`.
  Reloader(Load load, ConfigInputs inputs, Publish publish, Milliseconds interval = look_interval);
  ~Reloader() { stop(); }
  Reloader(const Reloader&) = delete;
  Reloader& operator=(const Reloader&) = delete;

  void start();
  // Ends after the attempt that is under way. Thread-safe, as all below.
  void stop();
  // The number of the attempt that will have read what is there now: once status().attempts() has
  // reached it, the files of this moment are in use, or were refused.
  std::uint64_t request(std::string why);
  Status status() const;

  // Called after each look from the reloader's thread. Set before start().
  std::function<void()> on_tick;

 private:
  void run(const std::stop_token& stopping);
  std::optional<std::string> next_reason(const std::stop_token& stopping);
  bool files_changed();
  void reload(const std::string& why);
  void report(const LoadedConfig& loaded, const std::optional<std::string>& refused);

  Load load_;
  ConfigInputs inputs_;
  Publish publish_;
  Milliseconds interval_;
  std::string seen_;     // fingerprint of the inputs when they were last read
  std::string pending_;  // a different one, seen once
  mutable std::mutex mutex_;
  std::condition_variable_any wake_;
  std::optional<std::string> requested_;
  Status status_;
  bool under_way_ = false;
  std::jthread thread_;
};

// Which parts of a configuration cannot change while the process runs: keys, for people; empty when
// all can.
std::string restart_needed(const Config& before, const Config& after);

}  // namespace signalbox
