// Derived ids ("e_" and 17 digits of base 62, event/ids.hpp) in 12 bytes, for places where their
// text is too long: deduplication memory holds millions. Pure; thread-safe.
#pragma once

#include <optional>
#include <string_view>

#include "coordination/commit.hpp"

namespace signalbox {

// The 96 bits behind the prefix. Nothing for what is no letter, '_' and 17 digits of base 62 below
// 2^96.
std::optional<Fingerprint> pack_id(std::string_view id) noexcept;

}  // namespace signalbox
