// One HTTP/1.1 request (RFC 9112) and its answer, with one deadline over connecting, writing and
// reading. The only file of the command line that includes Beast. Thread-safe: each call has an
// io_context of its own.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "event/clock.hpp"
#include "gateway/cli/client/tls_trust.hpp"
#include "gateway/cli/contract/command_result.hpp"

namespace signalbox {

inline constexpr std::size_t http_answer_bytes_max = std::size_t{64} * 1024 * 1024;
inline constexpr std::uint32_t http_answer_header_bytes_max = 64 * 1024;  // of a line of it

// "http://host:port/prefix", or with https. usage otherwise.
struct BaseUrl {
  std::string host;    // without brackets
  std::string port;    // digits
  std::string prefix;  // "" or "/behind/a/proxy"
  bool tls = false;
};
CommandResult<BaseUrl> parse_base_url(const std::string& url);
std::string authority_of(const BaseUrl& server);  // "127.0.0.1:8081", "[::1]:8081"

using HttpFields = std::vector<std::pair<std::string, std::string>>;

struct HttpCall {
  std::string method = "GET";
  std::string target = "/";  // path and query, encoded
  HttpFields headers;
  std::string body;
  std::size_t answer_bytes_max = http_answer_bytes_max;  // a longer body is no answer
};

struct HttpAnswer {
  unsigned status = 0;
  std::string body;
  std::string content_type;
  std::string retry_after;
  std::string date;
};

// not_reachable when no whole answer came in time, or from a server that is not trusted; usage for
// a trust file that cannot be read.
CommandResult<HttpAnswer> http_call(const BaseUrl& server, const HttpCall& call,
                                    Milliseconds timeout, const TlsTrust& trust = {});

// An answer whose body is taken piece by piece as it comes, for as long as the server likes.
struct HttpStream {
  std::function<void(std::string_view)> on_part;  // of a body of `content_type`, from 200 answers
  std::string content_type;
  // Called once the server has begun to answer with a body that is wanted; may be empty.
  std::function<void()> on_open{};
  // A descriptor. Once it is readable the server is told that nothing more is wanted, and what is
  // on its way is read for at most `stop_grace`, or until `abandon` says true. -1: none.
  int stop = -1;
  Milliseconds stop_grace{500};
  std::function<bool()> abandon{};  // may be empty
  Milliseconds silence_max{};       // without a byte for so long the server counts as gone
};

// Errors as http_call. A stream that ended, or was stopped, is an answer with an empty body.
CommandResult<HttpAnswer> http_stream(const BaseUrl& server, const HttpCall& call,
                                      const HttpStream& stream, const TlsTrust& trust);

// A header that would end early and start one of its own: usage.
std::optional<Failure> refuse_headers(const HttpCall& call);

// A text as one piece of a path or a query (RFC 3986, section 2.1).
std::string url_encode(std::string_view text);

}  // namespace signalbox
