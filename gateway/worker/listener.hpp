// One listening socket per address. It hands each accepted connection to the least loaded thread.
// Used from its io_context's thread, but for what says otherwise.
#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <vector>

#include "gateway/config/config.hpp"
#include "gateway/worker/connection_taker.hpp"

namespace signalbox {

class ListeningSocket {
 public:
  // Throws std::runtime_error, naming the address, where it cannot listen.
  ListeningSocket(boost::asio::io_context& io, Listener kind, const ListenerConfig& config,
                  std::vector<ConnectionTaker*> takers);

  void start();
  void close();
  std::uint16_t port() const;
  // Thread-safe: open connections from now on, those that are open already included.
  void limit_connections(std::uint32_t most) noexcept { connections_max_.store(most); }
  std::uint64_t refused() const noexcept { return refused_.load(std::memory_order_relaxed); }

 private:
  void wait();
  void accept_all();
  void give(int socket);
  void tell_failure(const char* why);

  boost::asio::ip::tcp::acceptor acceptor_;
  boost::asio::steady_timer pause_;
  Listener kind_;
  std::atomic<std::uint32_t> connections_max_;
  std::vector<ConnectionTaker*> takers_;
  std::atomic<std::uint64_t> refused_{0};  // closed at the limit of connections
  std::uint64_t failures_ = 0;             // of accept, since the last line that told of them
  std::chrono::steady_clock::time_point next_line_{};
};

}  // namespace signalbox
