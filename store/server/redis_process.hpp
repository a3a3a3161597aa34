// Starting redis-server as a child: what has to happen between fork and exec, and what it is told.
// Linux.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>

#include "event/error.hpp"

namespace signalbox {

// The name of the unix socket in the data directory.
inline constexpr const char* redis_socket_name = "redis.sock";
inline constexpr const char* redis_log_name = "redis.log";

// The absolute path of a program: as given when it has a slash, else from PATH and where Debian
// puts servers.
std::optional<std::string> find_program(const std::string& name);

struct RedisProcess {
  std::string program;                 // absolute path
  int directory = -1;                  // data directory: its working directory; locked, inherited
  int lock = -1;                       // the other lock on it, inherited
  int log = -1;                        // where its standard output goes
  std::uint64_t memory_bytes_max = 0;  // it refuses writes beyond; 0: none
};

// The child's process id. store_unavailable when it cannot be started.
Result<pid_t> start_redis(const RedisProcess& process);

}  // namespace signalbox
