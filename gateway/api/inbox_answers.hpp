// What mailboxes look like over HTTP.
#pragma once

#include <optional>
#include <string>

#include "store/store.hpp"

namespace signalbox::api {

// Why a mailbox took nothing of a commit, where that is what came of it. An agent is told what of a
// mailbox is not for agents.
std::optional<Error> why_full(const Commit& commit, const CommitResult& result);

// `{"receipt":"…","deliveries":1,"message":{…}}`
std::string leased_json(const LeasedMessage& leased);

// `{"messages":[…],"remaining":3}`
std::string received_json(const Received& received);

// The same within `max_bytes`, the budget that the messages were received with: some are cut down
// to what tells what they are about, and what remains is summarised as `digest`. docs/API.md has
// the rules.
std::string received_json_within(const Received& received, std::uint64_t max_bytes);

}  // namespace signalbox::api
