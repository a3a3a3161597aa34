// Addresses as configuration writes them. Thread-safe.
#pragma once

#include <string>
#include <string_view>

#include "gateway/config/config.hpp"

namespace signalbox {

inline constexpr std::size_t socket_path_max = 107;  // sun_path with its terminator

// "127.0.0.1:8080", "[::1]:8080": a numeric address and a port; port 0 stands for any free one.
// invalid_argument with a text for people otherwise.
Result<ListenAddress> parse_listen(std::string_view text);

// "redis://user@host:6379/2", "rediss://[::1]", "unix:///run/redis.sock?db=2". A password in it is
// refused: a URL ends up in logs. The URL is never quoted in an error.
struct RedisAddress {
  std::string socket;  // of a unix URL; or else:
  std::string host;
  std::uint16_t port = 6379;
  bool tls = false;
  std::string username;
  std::uint32_t database = 0;
};
inline constexpr std::uint32_t redis_database_max = 65'535;
Result<RedisAddress> parse_redis_url(std::string_view url);

// "http://127.0.0.1:8080", or https, of a listener as a client on the same machine reaches it: an
// address that stands for all of the machine's becomes the loopback one.
std::string local_url(const ListenAddress& listen, bool tls = false);

// True for an address that this machine has. A client sends tokens to an address of a configuration
// only if it is: a file in a directory that somebody else filled must not send them elsewhere.
bool is_own_address(const std::string& host);

}  // namespace signalbox
