// Requests and responses as the handlers see them; the session owns bytes, deadlines and limits.
#pragma once

#include <boost/container/static_vector.hpp>

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "event/event.hpp"
#include "store/task.hpp"

namespace signalbox {

struct AddressAccount;

// The memory behind a request's views.
class RequestMemory {
 public:
  // For a handler that will wait long and has copied what it needs: but for `peer`, the request's
  // views are empty from now on, and the memory serves other requests. It may be called again.
  virtual void let_go() = 0;

 protected:
  ~RequestMemory() = default;
};

// A whole request. Views into the session's buffer, valid until the handler returns.
struct Request {
  std::string_view method;
  // As received; of a whole URL (RFC 9112, section 3.2.2) what follows the host.
  std::string_view target;
  Headers headers;
  std::string_view body;              // `json_padding` readable bytes behind
  std::string_view peer;              // address of the other end, or whom a PROXY header speaks for
  AddressAccount* account = nullptr;  // of the client; null where that is not known
  Time received{};
  std::chrono::steady_clock::time_point started{};  // first byte
  int socket = -1;                                  // for peer_gone() only
  RequestMemory* memory = nullptr;                  // null: it is the caller's
  // When the connection has lived its longest life.
  std::chrono::steady_clock::time_point ends = std::chrono::steady_clock::time_point::max();
};

// Where a body goes that is made while it is sent.
class BodyWriter {
 public:
  // Ends once the piece, not empty, is on its way: a slow reader slows its writer down. False when
  // the other side is gone or did not take it within the write deadline; nothing can be sent then.
  virtual Task<bool> send(std::string piece) = 0;

 protected:
  ~BodyWriter() = default;
};

struct Response {
  unsigned status = 200;
  std::string_view content_type = "application/json";
  std::string body;
  std::vector<std::pair<std::string_view, std::string>> headers;
  // Why the request was refused, for counters and the log; nothing where it was not.
  std::optional<Error> refusal{};
  // Makes the body instead of `body`, piece by piece; the connection closes behind it. True when
  // the body is whole, false to cut it off. It is called once and must bound its waits.
  std::function<Task<bool>(BodyWriter& out)> stream;
};

// One per thread and listener. Every call ends: handlers bound their own waits.
class Handler {
 public:
  virtual ~Handler() = default;
  virtual Task<Response> handle(const Request& request) = 0;
  // The answer to a request whose head alone decides, with no body yet; nothing where the body is
  // wanted. Asked before a body that is long, in chunks, or waits for `100 Continue`; the
  // connection closes behind the answer. A refusal counts and is logged as handle() would.
  virtual std::optional<Response> answer_head(const Request&) { return std::nullopt; }
  // Header lines of every answer of this listener, each with its end.
  virtual std::string_view fixed_headers() const noexcept { return {}; }
  // A request that was refused before it was whole, for counters and the log.
  virtual void refused(const Error& error, std::string_view target, std::string_view peer) = 0;
};

// The non-empty segments of a target's path, percent-decoding left to the caller; at most
// `path_parts_max`, more are cut together into the last. "//hooks//github?x=1" is {"hooks",
// "github"}.
inline constexpr std::size_t path_parts_max = 8;
using PathParts = boost::container::static_vector<std::string_view, path_parts_max>;
PathParts path_parts(std::string_view target);

// The value of a query parameter, percent-decoded; nothing where it is absent or malformed.
std::optional<std::string> query_parameter(std::string_view target, std::string_view name);

// The names of the query's parameters, percent-decoded, each as often as it is given; nothing where
// the query is malformed.
std::optional<std::vector<std::string>> query_names(std::string_view target);

// Whether the client has closed its end: asked before work is handed to a connection that waited
// long.
bool peer_gone(const Request& request) noexcept;

}  // namespace signalbox
