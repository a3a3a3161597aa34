// What a Redis server says of itself, and whether it can be trusted with messages. Pure;
// thread-safe.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "event/error.hpp"

namespace signalbox {

struct ServerFacts {
  std::string version;  // "7.0.15"; of Valkey, the Redis version that it is compatible with
  std::string maxmemory_policy;  // "noeviction"
  bool append_only_file = false;
  std::string
      fsync;  // of the append-only file: "always", "everysec", "no"; empty where it is not told
  std::string snapshots;  // "3600 1 300 100", "" when off; empty where it is not told
};

// From the replies of INFO and of CONFIG GET (names and values in turn, joined by newlines; empty
// where the server does not allow it).
ServerFacts read_server_facts(std::string_view info, std::string_view config);

// Why this server is refused: it would evict acknowledged messages under memory pressure, or is
// older than 6.2.
std::optional<Error> refuse_server(const ServerFacts& facts);

// What is lost with it at the worst, for /readyz?verbose: "append-only file, fsync always: nothing
// that was acknowledged is lost".
std::string describe_durability(const ServerFacts& facts);

}  // namespace signalbox
