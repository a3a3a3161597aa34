// Requests and responses as the handlers see them; the session owns bytes, deadlines and limits.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "event/event.hpp"
#include "store/store.hpp"

namespace signalbox {

// A whole request. Views into the session's buffer, valid until the handler returns.
struct Request {
  std::string_view method;
  std::string_view target;  // as received
  Headers headers;
  std::string_view body;  // `json_padding` readable bytes behind
  std::string_view peer;  // address of the other end
  Time received{};
  std::chrono::steady_clock::time_point started{};  // first byte
  int socket = -1;                                  // for peer_gone() only
};

struct Response {
  unsigned status = 200;
  std::string_view content_type = "application/json";
  std::string body;
  std::vector<std::pair<std::string_view, std::string>> headers;
};

// One per thread and listener. Every call ends: handlers bound their own waits.
class Handler {
 public:
  virtual ~Handler() = default;
  virtual Task<Response> handle(const Request& request) = 0;
  // A request that was refused before it was whole, for counters and the log.
  virtual void refused(const Error& error, std::string_view target, std::string_view peer) = 0;
};

// The non-empty segments of a target's path, percent-decoding left to the caller; at most
// `path_parts_max`, more are cut together into the last. "//hooks//github?x=1" is {"hooks",
// "github"}.
inline constexpr std::size_t path_parts_max = 8;
std::vector<std::string_view> path_parts(std::string_view target);

// The value of a query parameter, percent-decoded; nothing where it is absent or malformed.
std::optional<std::string> query_parameter(std::string_view target, std::string_view name);

// Whether the client has closed its end: asked before work is handed to a connection that waited
// long.
bool peer_gone(const Request& request) noexcept;

}  // namespace signalbox
