// A commit touches one namespace, so an event decides only messages to agents of its source's.
#pragma once

#include <string_view>

#include "gateway/config/config.hpp"
#include "rules/rule_set.hpp"

namespace signalbox {

// Takes out the messages to agents of other namespaces than `space`. For those the rule has failed,
// and the decision says so.
void keep_within(std::string_view space, const Config& config, Decision& decision);

}  // namespace signalbox
