// What a configuration becomes at run time: shared by all threads, immutable but for counters and
// each thread's own seats. A reload makes a new one and swaps it whole; a request keeps the one
// that it began with.
#pragma once

#include <array>
#include <atomic>
#include <cassert>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "gateway/access/principals.hpp"
#include "gateway/config/config.hpp"
#include "gateway/limits/token_bucket.hpp"
#include "gateway/worker/connection_taker.hpp"

namespace signalbox {

struct SourceCounters;

// Counters of one rule, since this process started with it. Thread-safe.
struct RuleCounters {
  std::atomic<std::uint64_t> matched{0};
  std::atomic<std::uint64_t> failed{0};
  std::atomic<std::int64_t> last_match_ms{0};  // since the epoch; 0: never
};

// A source as one thread uses it: the keys of its secrets, and its counters there.
struct SourceSeat {
  SourceKeys keys;
  std::shared_ptr<SourceCounters> counters;
};

struct Runtime {
  // Parties, sources and rules that `before` knows by the same name go on with its counters; may be
  // null.
  explicit Runtime(std::shared_ptr<const Config> loaded, const Runtime* before = nullptr);

  std::shared_ptr<const Config> config;
  Principals principals;
  // By Listener, apart from the rest: a connection keeps its limits, and must not keep the rules.
  std::array<std::shared_ptr<const ListenerConfig>, 2> listeners;

  // By position of the thread and of the source in the configuration. Each thread uses its own
  // seats only; a scrape reads the counters of all.
  SourceSeat& seat(std::size_t thread, std::size_t source) const {
    assert(thread < config->threads && source < config->sources.size());
    return seats_[thread * config->sources.size() + source];
  }

  // Of a source's verified deliveries, on all threads.
  TokenBucket& bucket(std::size_t source) const {
    assert(source < buckets_.size());
    return *buckets_[source];
  }

  // Position of a source in the configuration.
  std::optional<std::size_t> find_source(std::string_view name) const;
  RuleCounters* find_rule(std::string_view name) const;

 private:
  void fill_seats(const Runtime* before);

  std::unordered_map<std::string, std::shared_ptr<RuleCounters>> rules_;
  std::unique_ptr<SourceSeat[]> seats_;
  std::vector<std::shared_ptr<TokenBucket>> buckets_;  // by source
};

// The runtime in use. Thread-safe.
class LiveRuntime {
 public:
  explicit LiveRuntime(std::shared_ptr<const Runtime> first) : current_{std::move(first)} {}

  std::shared_ptr<const Runtime> get() const;
  void replace(std::shared_ptr<const Runtime> next);
  // Destroys, in the calling thread, what was replaced and is used by nobody any more.
  void release_retired();
  // How many runtimes there are, the current one included.
  std::size_t generations() const;

 private:
  mutable std::mutex mutex_;
  std::shared_ptr<const Runtime> current_;
  std::vector<std::shared_ptr<const Runtime>> replaced_;
};

}  // namespace signalbox
