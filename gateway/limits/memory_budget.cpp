#include "gateway/limits/memory_budget.hpp"

#include <cassert>

namespace signalbox {

// Threads that ask at the same moment may together be over a limit by what each asks for, which is
// little beside it; none is ever refused for another's sake who gave up.
bool MemoryShare::hold(std::int64_t bytes, MemoryBudget& budget, AddressAccount* account,
                       bool known, const ListenerConfig& limits) noexcept {
  assert(bytes >= 0);
  if (budget_ == nullptr) {
    budget_ = &budget;
    account_ = account;
    known_ = known;
  }
  assert(budget_ == &budget && account_ == account);
  const std::int64_t more = bytes - bytes_;
  const auto all = static_cast<std::int64_t>(limits.max_buffered);
  const auto of_address = static_cast<std::int64_t>(limits.max_buffered_per_address);
  if (more > 0) {
    if (budget_->held_.load(std::memory_order_relaxed) + more > all) return false;
    if (account_ != nullptr && account_->buffered_bytes.load() + more > of_address) return false;
    if (!known_ && budget_->held_by_strangers_.load() + more > all / 2) return false;
  }
  count(more);
  return true;
}

void MemoryShare::release() noexcept {
  if (budget_ == nullptr) return;
  count(-bytes_);
  assert(bytes_ == 0);
  budget_ = nullptr;
  account_ = nullptr;
}

void MemoryShare::count(std::int64_t more) noexcept {
  bytes_ += more;
  budget_->held_.fetch_add(more, std::memory_order_relaxed);
  if (!known_) budget_->held_by_strangers_.fetch_add(more, std::memory_order_relaxed);
  if (account_ != nullptr) account_->buffered_bytes.fetch_add(more, std::memory_order_relaxed);
}

}  // namespace signalbox
