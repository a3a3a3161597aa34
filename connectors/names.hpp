// Names that a provider chose and that end up in keys, event types and log lines. Thread-safe.
#pragma once

#include <string>
#include <string_view>

namespace signalbox {

inline constexpr std::size_t name_bytes_max = 128;

// 1 to `bytes_max` characters of [A-Za-z0-9._-] and those in `also`.
bool is_plain_name(std::string_view text, std::string_view also = {},
                   std::size_t bytes_max = name_bytes_max) noexcept;

// One part of an event type: ASCII letters in lower case, each other character that is not a digit
// becomes
// '_', and what is longer than `name_bytes_max` is cut. "on-demand test" is "on_demand_test".
std::string snake_case(std::string_view text);

}  // namespace signalbox
