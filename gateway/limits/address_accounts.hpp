// What one address uses of a listener: connections, memory, requests. A connection finds its
// address's account once, when it is accepted, and shares it; counting is atomic, so that requests
// take no lock. Only requests that a trusted proxy passes on are looked up by their client.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <mutex>
#include <unordered_map>

#include "gateway/limits/token_bucket.hpp"
#include "rules/pattern/ip_address.hpp"

namespace signalbox {

// Addresses that are remembered. One without a connection is forgotten for a new one; there are
// fewer connections than this.
inline constexpr std::size_t address_accounts_max = 65'536;
// An address that a verified request came from so long ago, or less, is known.
inline constexpr std::chrono::hours known_address_keep{24};

// Thread-safe.
struct AddressAccount {
  std::atomic<std::uint32_t> connections{0};
  std::atomic<std::int64_t> buffered_bytes{0};  // that its requests hold
  TokenBucket unverified;
  TokenBucket verified;

  // A request of this address was verified.
  void know(TokenBucket::Clock::time_point now) noexcept {
    verified_at_.store(now.time_since_epoch().count(), std::memory_order_relaxed);
  }
  bool known(TokenBucket::Clock::time_point now) const noexcept;
  // How long a request has to wait that is not verified yet: strangers whose requests were refused
  // too often, until they have a token again; known addresses never.
  std::chrono::nanoseconds unverified_wait(const Rate& rate,
                                           TokenBucket::Clock::time_point now) const noexcept {
    if (known(now)) return {};
    return unverified.wait(rate, now);
  }

 private:
  friend class AddressAccounts;
  bool worth_keeping(TokenBucket::Clock::time_point now) const noexcept;

  std::atomic<std::int64_t> verified_at_{0};  // nanoseconds of the clock; 0: never
};

// A connection of an address, which is counted while this lives.
class ConnectionShare {
 public:
  ConnectionShare() = default;  // of nobody that is known
  // `is_proxy`: its clients have accounts of their own.
  explicit ConnectionShare(std::shared_ptr<AddressAccount> account, bool is_proxy = false) noexcept;
  ConnectionShare(ConnectionShare&& other) noexcept = default;
  ConnectionShare& operator=(ConnectionShare&& other) noexcept;
  ~ConnectionShare();

  // Null where the other end has no IP address.
  AddressAccount* account() const noexcept { return account_.get(); }
  bool is_proxy() const noexcept { return is_proxy_; }

 private:
  std::shared_ptr<AddressAccount> account_;
  bool is_proxy_ = false;
};

// Thread-safe.
class AddressAccounts {
 public:
  explicit AddressAccounts(std::size_t most = address_accounts_max) : most_{most} {}

  // The account of an IPv4 address, or of the /64 network of an IPv6 one, which is what one
  // customer of a provider is given (RFC 6177). Never null.
  std::shared_ptr<AddressAccount> find(const IpAddress& address,
                                       TokenBucket::Clock::time_point now);
  std::size_t size() const;

 private:
  struct Hash {
    std::size_t operator()(const IpAddress& address) const noexcept;
  };
  void make_room(TokenBucket::Clock::time_point now);

  mutable std::mutex mutex_;
  std::unordered_map<IpAddress, std::shared_ptr<AddressAccount>, Hash> accounts_;
  std::size_t most_;
};

}  // namespace signalbox
