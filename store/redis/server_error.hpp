// What an error reply of Redis means for who waits: one closed table of its words. Pure.
// https://redis.io/docs/latest/develop/reference/protocol-spec/#simple-errors
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace signalbox {

enum class ServerError : unsigned char {
  script_missing,  // NOSCRIPT: send the text
  not_now,       // loading, busy, failing over: nothing was executed, and a moment later it may be
  wrong_server,  // a replica: another connection may reach the primary
  elsewhere,     // a node of a cluster that does not have the slot; it may get it
  refused,       // out of memory, disk errors, no right to: an operator has to act
  defect,        // anything else: not executed to its end, and not to be repeated
};

struct ServerErrorRow {
  std::string_view word;  // that the reply begins with
  ServerError meaning;
  std::string_view says;  // what is the matter, for people: no address, name or key of a server
};

// The table; `defect` has no row.
std::span<const ServerErrorRow> all_server_errors() noexcept;

ServerError classify(std::string_view error_reply) noexcept;

// For people, senders included, so of the reply nothing but its word: "Redis is a replica, which
// takes no writes (READONLY)".
std::string describe_server_error(std::string_view error_reply);

}  // namespace signalbox
