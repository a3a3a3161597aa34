// What mailboxes look like over HTTP.
#pragma once

#include <boost/json/object.hpp>

#include <string>

#include "gateway/api/call.hpp"
#include "store/store.hpp"

namespace signalbox::api {

// How long a lease is to last: the body's member of that name, else as it is configured.
Result<Milliseconds> visibility_member(const Call& call, const boost::json::object& body);

// `{"receipt":"…","deliveries":1,"message":{…}}`
std::string leased_json(const LeasedMessage& leased);

// `{"messages":[…],"remaining":3}`
std::string received_json(const Received& received);

// The same within `max_bytes`, the budget that the messages were received with: some are cut down
// to what tells what they are about, and what remains is summarised as `digest`. docs/API.md has
// the rules.
std::string received_json_within(const Received& received, std::uint64_t max_bytes);

}  // namespace signalbox::api
