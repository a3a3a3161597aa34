// Where a Redis is, and what it takes to be let in. Immutable once made; copies share the TLS
// context.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "event/error.hpp"

namespace boost::asio::ssl {
class context;
}

namespace signalbox {

struct RedisEndpoint {
  std::string socket;  // path of a unix socket, under 108 bytes; or else:
  std::string host;    // a name is looked up again for each connection, so that it may move
  std::uint16_t port = 6379;
  std::string username{};  // empty: the default user
  std::string password{};  // empty: none is sent
  std::uint32_t database = 0;
  std::shared_ptr<boost::asio::ssl::context> tls{};  // null: plain bytes
  std::string server_name{};  // that the certificate must be for; empty: the host
};

// For people, without user and password: "unix:/run/redis.sock", "redis.example:6379" or
// "rediss://redis.example:6379".
std::string to_string(const RedisEndpoint& endpoint);

// Files in PEM; empty: none.
struct RedisTlsFiles {
  std::string ca;  // empty: the authorities that the system trusts
  std::string certificate;
  std::string key;
};

// A client's context that verifies the server; TLS 1.2 or later. invalid_argument with the file and
// what is wrong with it.
Result<std::shared_ptr<boost::asio::ssl::context>> make_redis_tls(const RedisTlsFiles& files);

}  // namespace signalbox
