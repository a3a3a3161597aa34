// What goes back over HTTP: the one place where outcomes and errors become statuses and bodies.
#pragma once

#include <string>

#include "event/error.hpp"
#include "gateway/http/http.hpp"

namespace signalbox {

// RFC 9457 problem details with the stable `reason`. Only errors whose public name is their own
// carry their detail: a forger learns nothing about which check failed.
Response respond(const Error& error);

// `members` is the inside of a JSON object, appended to the problem's own.
Response problem(const Error& error, std::string_view members);

// The answer to a request that is one too many, with when to come back: after `wait`, in whole
// seconds, one at least.
Response come_back(const Error& error, std::chrono::nanoseconds wait);

// Status line, headers and body as they go on the wire. `fixed`: further header lines, each with
// its end.
std::string serialize(const Response& response, bool keep_alive, bool head_only, Time now,
                      std::string_view fixed = {});

// The same of a response whose body is a stream: without the body. The connection closes behind it.
std::string serialize_head(const Response& response, bool chunked, Time now,
                           std::string_view fixed = {});

}  // namespace signalbox
