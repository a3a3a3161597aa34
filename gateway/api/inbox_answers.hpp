// What mailboxes look like over HTTP.
#pragma once

#include <string>

#include "store/store.hpp"

namespace signalbox::api {

// `{"receipt":"…","deliveries":1,"message":{…}}`
std::string leased_json(const LeasedMessage& leased);

// `{"messages":[…],"remaining":3}`
std::string received_json(const Received& received);

}  // namespace signalbox::api
