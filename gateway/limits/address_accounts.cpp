#include "gateway/limits/address_accounts.hpp"

#include <algorithm>
#include <cassert>
#include <functional>
#include <string_view>
#include <utility>

namespace signalbox {
namespace {

constexpr std::size_t network_bytes = 8;  // of an IPv6 address

IpAddress billed(const IpAddress& address) noexcept {
  IpAddress network = address;
  if (network.size > network_bytes) {
    std::fill(network.bytes.begin() + network_bytes, network.bytes.end(), std::uint8_t{0});
  }
  return network;
}

}  // namespace

bool AddressAccount::known(TokenBucket::Clock::time_point now) const noexcept {
  const std::int64_t at = verified_at_.load(std::memory_order_relaxed);
  if (at == 0) return false;
  return now.time_since_epoch() - std::chrono::nanoseconds{at} <= known_address_keep;
}

bool AddressAccount::worth_keeping(TokenBucket::Clock::time_point now) const noexcept {
  return known(now) || !unverified.full(now) || !verified.full(now);
}

ConnectionShare::ConnectionShare(std::shared_ptr<AddressAccount> account, bool is_proxy) noexcept
    : account_{std::move(account)}, is_proxy_{is_proxy} {
  if (account_) account_->connections.fetch_add(1);
}

ConnectionShare& ConnectionShare::operator=(ConnectionShare&& other) noexcept {
  std::swap(account_, other.account_);
  std::swap(is_proxy_, other.is_proxy_);
  return *this;
}

ConnectionShare::~ConnectionShare() {
  if (!account_) return;
  [[maybe_unused]] const std::uint32_t before = account_->connections.fetch_sub(1);
  assert(before > 0);
}

std::size_t AddressAccounts::Hash::operator()(const IpAddress& address) const noexcept {
  return std::hash<std::string_view>{}(
      {reinterpret_cast<const char*>(address.bytes.data()), address.size});
}

std::shared_ptr<AddressAccount> AddressAccounts::find(const IpAddress& address,
                                                      TokenBucket::Clock::time_point now) {
  const IpAddress key = billed(address);
  const std::lock_guard lock{mutex_};
  if (const auto found = accounts_.find(key); found != accounts_.end()) return found->second;
  if (accounts_.size() >= most_) make_room(now);
  return accounts_.emplace(key, std::make_shared<AddressAccount>()).first->second;
}

// Forgets addresses that nobody is connected from and that nothing is remembered of; where there is
// none, half of those that nobody is connected from. So it is seldom gone over.
void AddressAccounts::make_room(TokenBucket::Clock::time_point now) {
  const auto unused = [](const auto& entry) { return entry.second.use_count() == 1; };
  std::erase_if(accounts_, [&](const auto& entry) {
    return unused(entry) && !entry.second->worth_keeping(now);
  });
  if (accounts_.size() <= most_ / 2) return;
  bool every_other = false;
  std::erase_if(accounts_, [&](const auto& entry) {
    return unused(entry) && !entry.second->known(now) && (every_other = !every_other);
  });
  if (accounts_.size() < most_) return;
  std::erase_if(accounts_, unused);
}

std::size_t AddressAccounts::size() const {
  const std::lock_guard lock{mutex_};
  return accounts_.size();
}

}  // namespace signalbox
