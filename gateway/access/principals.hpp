// Who makes a call of the private listener: the parties of a configuration, found by their bearer
// tokens, and what each has called.
#pragma once

#include <array>
#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "event/event.hpp"
#include "gateway/config/config.hpp"

namespace signalbox {

enum class CallOutcome : std::uint8_t { success, refused, failed };
inline constexpr std::size_t call_outcome_count = 3;
inline constexpr std::array<std::string_view, call_outcome_count> call_outcome_names{
    "success", "refused", "failed"};

// By the status of the answer: 4xx is refused, 5xx has failed.
CallOutcome outcome_of(unsigned status) noexcept;

// What one party has called since this process knows it. Thread-safe.
struct CallCounters {
  void add(CallOutcome outcome) noexcept {
    by_outcome[static_cast<std::size_t>(outcome)].fetch_add(1, std::memory_order_relaxed);
  }
  std::array<std::atomic<std::uint64_t>, call_outcome_count> by_outcome{};
};

// Who a bearer token belongs to, and on what terms.
struct Principal {
  enum class Role : std::uint8_t { agent, operator_, monitoring };
  Role role = Role::agent;
  std::string name;
  const AgentConfig* agent = nullptr;  // for agents
  TokenScope scope = TokenScope::write;
  std::optional<Time> expires{};
  std::shared_ptr<CallCounters> calls{};
};

std::string_view to_string(Principal::Role role) noexcept;

// Those of one configuration, which must outlive this. Immutable but for the counters, and so
// thread-safe.
class Principals {
 public:
  // One agent, operator, or monitoring.
  struct Party {
    Principal::Role role;
    std::string name;
    std::shared_ptr<CallCounters> calls;
  };

  // Parties that `before` knows go on with its counters; may be null.
  Principals(const Config& config, const Principals* before);

  // Looked up by the token's digest: the time it takes says nothing about a token. Expired ones are
  // found too. Null: nobody's.
  const Principal* find(std::string_view token) const;

  // Whose token the Authorization header carries. token_missing, token_invalid, token_expired; or
  // malformed_request for two such headers.
  Result<const Principal*> authenticate(const Headers& headers, Time now) const;

  // Whether metrics are for those only who have a token of monitoring, or of an operator.
  bool guard_monitoring() const noexcept { return guard_monitoring_; }

  const std::vector<Party>& parties() const noexcept { return parties_; }

 private:
  struct DigestHash {
    std::size_t operator()(const Digest& digest) const noexcept;
  };
  void add(Principal principal, const std::vector<Token>& tokens, const Principals* before);
  std::shared_ptr<CallCounters> counters_of(Principal::Role role, const std::string& name) const;

  std::unordered_map<Digest, Principal, DigestHash> by_digest_;
  std::vector<Party> parties_;
  bool guard_monitoring_ = false;
};

}  // namespace signalbox
