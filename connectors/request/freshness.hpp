// How old a signed time may be (invariant E7). A replay that is younger than the deduplication
// window is a duplicate anyway, and a provider's late retry must not be lost, so the window is the
// bound and not the minute that providers advise. Thread-safe.
#pragma once

#include <optional>

#include "connectors/connector.hpp"

namespace signalbox {

inline constexpr Milliseconds clock_skew_max = std::chrono::minutes{5};

// What is wrong with the time that a provider signed: timestamp_out_of_range where it is older than
// the source's replay window, or more than `clock_skew_max` ahead of the arrival. Only who knows
// the secret signs a time to come, so the latter is a wrong clock and no replay: it is
// timestamp_in_future, which asks for the event again, where the provider would not send it again
// by itself. Nothing where the time is fine.
std::optional<Error> freshness_error(const Verified& verified, Time sent);

// A member of the body in milliseconds since 1970: a number, or a string of digits. Nothing where
// it is something else.
std::optional<Time> signed_time(Json milliseconds);

// What is wrong with the time of an event, where its provider signs no time of sending: nothing
// unless the source has a max_age, then timestamp_out_of_range where it is older.
std::optional<Error> age_error(const Verified& verified, Time happened);

}  // namespace signalbox
