// Who serves an accepted connection, as the listening sockets see it.
#pragma once

#include <cstddef>
#include <cstdint>

namespace signalbox {

enum class Listener : std::uint8_t { hooks, api };  // the public one and the private one

// A thread that serves connections. Thread-safe.
class ConnectionTaker {
 public:
  virtual ~ConnectionTaker() = default;
  // Connections that it was given and that have not ended yet.
  virtual std::size_t load(Listener listener) const noexcept = 0;
  // Takes over an accepted, non-blocking socket.
  virtual void adopt(int socket, Listener listener) = 0;
};

}  // namespace signalbox
