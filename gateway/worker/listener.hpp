// One listening socket per address. It hands each accepted connection to the least loaded thread.
// Used from its io_context's thread, but for what says otherwise.
#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>

#include <sys/socket.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <limits>
#include <memory>
#include <vector>

#include "gateway/config/config.hpp"
#include "gateway/limits/address_accounts.hpp"
#include "gateway/worker/connection_taker.hpp"

namespace signalbox {

// So many connections are taken beyond the limit while those that do nothing end for them.
inline constexpr std::uint32_t crowded_connections_max = 64;

// Of connections that are allowed, those that are no part of the crowd.
constexpr std::uint32_t connections_of(std::uint32_t allowed) noexcept {
  return allowed - std::min(crowded_connections_max, allowed / 4);
}

class ListeningSocket {
 public:
  // Throws std::runtime_error, naming the address, where it cannot listen. `accounts` must outlive
  // it.
  ListeningSocket(boost::asio::io_context& io, Listener kind,
                  std::shared_ptr<const ListenerConfig> config, AddressAccounts& accounts,
                  std::vector<ConnectionTaker*> takers);

  void start();
  void close();
  std::uint16_t port() const;
  // Thread-safe: the limits of connections from now on, those that are open already included.
  void use(std::shared_ptr<const ListenerConfig> next);
  // Thread-safe: so many connections at most, whatever the configuration says, those that are taken
  // beyond its limit included.
  void allow(std::uint32_t most) noexcept { allowed_.store(most, std::memory_order_relaxed); }
  // Thread-safe: connections that were closed at the limit of all, and at that of their address.
  std::uint64_t refused() const noexcept { return refused_.load(std::memory_order_relaxed); }
  std::uint64_t refused_of_address() const noexcept {
    return refused_of_address_.load(std::memory_order_relaxed);
  }

 private:
  void wait();
  void accept_all();
  void give(int socket, const sockaddr_storage& from);
  bool is_proxy(const IpAddress& address) const;
  void tell_failure(const char* why);

  boost::asio::ip::tcp::acceptor acceptor_;
  boost::asio::steady_timer pause_;
  Listener kind_;
  std::shared_ptr<const ListenerConfig> config_;
  AddressAccounts& accounts_;
  std::vector<ConnectionTaker*> takers_;
  std::atomic<std::uint32_t> allowed_{std::numeric_limits<std::uint32_t>::max()};
  std::atomic<std::uint64_t> refused_{0};
  std::atomic<std::uint64_t> refused_of_address_{0};
  std::uint64_t failures_ = 0;  // of accept, since the last line that told of them
  std::chrono::steady_clock::time_point next_line_{};
};

}  // namespace signalbox
