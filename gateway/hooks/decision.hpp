// What an installation's rules make of one event: decided, kept within the source's namespace,
// counted, and, at debug level, explained in the log. Waits for nothing.
#pragma once

#include <string_view>

#include "gateway/config/config.hpp"
#include "rules/rule_set.hpp"

namespace signalbox {

class ThreadCounters;
struct Runtime;

// Rules that the log explains of one event: those that matched and the nearest misses.
inline constexpr std::size_t explained_rules_max = 20;

// `now` is when the rules that match have matched last.
Decision decide(const Runtime& runtime, const SourceConfig& source, const Event& event, Time now,
                ThreadCounters& counters);

// A commit touches one namespace, so an event decides only messages to agents of its source's: this
// takes out those to agents of other namespaces than `space`. For them the rule has failed, and the
// decision says so.
void keep_within(std::string_view space, const Config& config, Decision& decision);

}  // namespace signalbox
