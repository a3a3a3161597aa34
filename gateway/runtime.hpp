// What a configuration becomes at run time: shared by all threads, immutable but for counters.
#pragma once

#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "gateway/config.hpp"

namespace signalbox {

// Who a bearer token belongs to.
struct Principal {
  enum class Role : std::uint8_t { agent, operator_ };
  Role role = Role::agent;
  std::string name;
  const AgentConfig* agent = nullptr;  // for agents
};

// Counters of one rule, since this process started with it. Thread-safe.
struct RuleCounters {
  std::atomic<std::uint64_t> matched{0};
  std::atomic<std::uint64_t> failed{0};
  std::atomic<std::int64_t> last_match_ms{0};  // since the epoch; 0: never
};

struct Runtime {
  explicit Runtime(std::shared_ptr<const Config> loaded);

  std::shared_ptr<const Config> config;

  // Looked up by the token's digest: the time it takes says nothing about a token.
  const Principal* find_principal(std::string_view token) const;
  // Position of a source in the configuration.
  std::optional<std::size_t> find_source(std::string_view name) const;
  RuleCounters* find_rule(std::string_view name) const;

 private:
  struct DigestHash {
    std::size_t operator()(const Digest& digest) const noexcept;
  };
  std::unordered_map<Digest, Principal, DigestHash> principals_;
  std::unordered_map<std::string, std::unique_ptr<RuleCounters>> rules_;
};

}  // namespace signalbox
