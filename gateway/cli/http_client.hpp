// One HTTP/1.1 request (RFC 9112) and its answer, with one deadline over connecting, writing and
// reading. The only file of the command line that includes Beast. Thread-safe: each call has an
// io_context of its own.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "event/clock.hpp"
#include "gateway/cli/attempt.hpp"

namespace signalbox {

inline constexpr std::size_t http_answer_bytes_max = std::size_t{64} * 1024 * 1024;

// "http://host:port/prefix", or with https. usage otherwise.
struct BaseUrl {
  std::string host;    // without brackets
  std::string port;    // digits
  std::string prefix;  // "" or "/behind/a/proxy"
  bool tls = false;
};
Attempt<BaseUrl> parse_base_url(const std::string& url);

// Whose word counts for an https server.
struct TlsTrust {
  std::string file;     // PEM certificates; empty: the authorities that the system trusts
  bool pinned = false;  // `file` is the server's own: its certificate may name another host
};

struct HttpCall {
  std::string method = "GET";
  std::string target = "/";  // path and query, encoded
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
};

struct HttpAnswer {
  unsigned status = 0;
  std::string body;
  std::string content_type;
  std::string retry_after;
};

// not_reachable when no whole answer came in time, or from a server that is not trusted; usage for
// a trust file that cannot be read.
Attempt<HttpAnswer> http_call(const BaseUrl& server, const HttpCall& call, Milliseconds timeout,
                              const TlsTrust& trust = {});

// A text as one piece of a path or a query (RFC 3986, section 2.1).
std::string url_encode(std::string_view text);

}  // namespace signalbox
