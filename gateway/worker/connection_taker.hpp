// Who serves an accepted connection, as the listening sockets see it.
#pragma once

#include <cstddef>

#include "gateway/limits/address_accounts.hpp"

namespace signalbox {

// A thread that serves connections. Thread-safe.
class ConnectionTaker {
 public:
  virtual ~ConnectionTaker() = default;
  // Connections that it was given and that have not ended yet.
  virtual std::size_t load(Listener listener) const noexcept = 0;
  // Takes over an accepted, non-blocking socket, and what it counts for its address.
  virtual void adopt(int socket, Listener listener, ConnectionShare share) = 0;
  // All connections are taken: ends some that do nothing, so that the next ones find room.
  virtual void make_room(Listener listener) = 0;
};

}  // namespace signalbox
