// What made a caller write: the message that it holds, or the event that it may read. What is
// written inherits the distance from the outside event, and is trusted no further (invariant M3).
#pragma once

#include <string>

#include "event/message.hpp"
#include "gateway/api/call.hpp"

namespace signalbox::api {

// Messages that were written because of each other, from the outside event on: what is longer is
// taken for a loop.
inline constexpr unsigned hops_max = 64;

struct MessageCause {
  std::string id;    // "m_…" or "e_…"
  unsigned hop = 0;  // its own
  Trust trust = Trust::outsider;
  std::string work;     // "w_…", or empty
  std::string subject;  // readable name of the work; may be empty
  std::string task;
  std::string traceparent;
};

// `cause`: the id or a receipt of a message that the caller's mailbox holds, in whatever state, or
// the id of an event that the caller may read. not_found for any other.
Task<Result<MessageCause>> find_cause(Call& call, std::string cause);

// Makes the message a consequence of its cause. too_many_hops where the chain behind it is longer
// than `hops_max`.
Result<bool> follow(Message& message, const MessageCause& cause);

}  // namespace signalbox::api
