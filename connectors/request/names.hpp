// Names that a provider chose and that end up in keys, event types and log lines. Thread-safe.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace signalbox {

inline constexpr std::size_t name_bytes_max = 128;

// 1 to `bytes_max` characters of [A-Za-z0-9._-] and those in `also`.
bool is_plain_name(std::string_view text, std::string_view also = {},
                   std::size_t bytes_max = name_bytes_max) noexcept;

// One part of an event type: ASCII letters in lower case, each other character that is not a digit
// becomes '_', and what is longer than `name_bytes_max` is cut. "on-demand test" is
// "on_demand_test".
std::string snake_case(std::string_view text);

// "https://GHE.acme.example:8443/acme/api" -> "ghe.acme.example:8443". Empty for anything that is
// no http or https URL with a plain host.
std::string host_of(std::string_view url);

// The key of an issue in a tracker: "ENG-123", "V2-1161", "MY_PROJ-7". A letter, letters, digits
// and '_', then '-' and digits; at most 64 characters.
bool is_issue_key(std::string_view text) noexcept;

// Tells the names of a connector's events apart in the memory of bodies, where a name would take
// too much room; never 0. The same in every version of this program. A test holds that no two known
// names share one.
std::uint16_t name_tag(std::string_view name) noexcept;

}  // namespace signalbox
