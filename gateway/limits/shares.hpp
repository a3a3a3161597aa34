// What all threads share of the listeners' room.
#pragma once

#include <array>

#include "gateway/limits/address_accounts.hpp"
#include "gateway/limits/memory_budget.hpp"

namespace signalbox {

// Of one listener. Thread-safe.
struct ListenerShares {
  AddressAccounts accounts;
  MemoryBudget memory;
};

struct Shares {
  std::array<ListenerShares, 2> by_listener;

  ListenerShares& of(Listener listener) noexcept {
    return by_listener[static_cast<std::size_t>(listener)];
  }
};

}  // namespace signalbox
