// What rules would do, as JSON. Nothing here stores anything.
#pragma once

#include <string>
#include <string_view>

#include "rules/rule_set.hpp"

namespace signalbox::api {

// `[{"rule":…,"matched":…,…},…]` of all rules, or the one named.
std::string explanation_json(const RuleSet& rules, const Event& event, std::string_view only_rule);

// `[{"mailbox":…,"rule":…,"kind":…,"message":{…}},…]`: messages in full.
std::string whole_messages_json(const Decision& decision);

// The word of its Outcome.
std::string_view status_of(const Decision& decision) noexcept;

}  // namespace signalbox::api
