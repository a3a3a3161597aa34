// How old a signed time may be (invariant E7). A replay that is younger than the deduplication
// window is a duplicate anyway, and a provider's late retry must not be lost, so the window is the
// bound and not the minute that providers advise. Thread-safe.
#pragma once

#include <optional>

#include "connectors/connector.hpp"

namespace signalbox {

inline constexpr Milliseconds clock_skew_max = std::chrono::minutes{5};

// What is wrong with the time that a provider signed: timestamp_out_of_range where it is older than
// the source's replay window or more than `clock_skew_max` ahead of the arrival. Nothing where it
// is fine.
std::optional<Error> freshness_error(const Verified& verified, Time sent);

// The same of a member of the body, in milliseconds since 1970: a number, or a string of digits.
// malformed_body where it is something else. Nothing where it is missing: old senders sign none.
std::optional<Error> freshness_error(const Verified& verified, Json signed_ms);

}  // namespace signalbox
