// Traces that go through the gateway: the `traceparent` of a request is passed on in the messages
// that it leads to, so that what an agent does appears in the trace of what made it act. None is
// invented. Follows https://www.w3.org/TR/trace-context-1/#traceparent-header; `tracestate` ends
// here. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "event/event.hpp"

namespace signalbox {

// A well-formed header in the form of version 00, with the flags that it defines; nothing for
// anything else, which the specification wants ignored as if it had not been sent.
std::optional<std::string> parse_traceparent(std::string_view text);

// The one of a request; empty where there is none, where it is malformed, and where there are
// several.
std::string traceparent_of(const Headers& headers);

// The span that stands for `what`, a message's id, under a parent; it is the same for each retry.
// Empty for an empty parent.
std::string child_traceparent(std::string_view parent, std::string_view what);

// The 32 digits that name the trace; empty for an empty text.
std::string_view trace_id_of(std::string_view traceparent) noexcept;

}  // namespace signalbox
