// What a secret may speak of. Whoever knows a secret can sign anything with it, so a secret can be
// bound to places: repositories, organizations, sites. Thread-safe.
//
// A place is a path: "acme/api" of github.com, "ghe.acme.example/acme/api" of another GitHub,
// "<organization id>/ENG" of Linear, "acme.atlassian.net/PROJ" of Jira. A pattern covers a place
// when its parts, one by one, match the place's first parts: "acme" covers "acme/api". '*' stands
// for any characters within a part, and a last part "*" for everything below and the place itself:
// "acme/*" is "acme". Letters match in either case.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "event/error.hpp"

namespace signalbox {

inline constexpr std::size_t scope_bytes_max = 256;
inline constexpr std::size_t scope_patterns_max = 256;  // of one secret

// What is wrong with a pattern, for people; empty where nothing is.
std::string_view scope_fault(std::string_view pattern) noexcept;

// Whether any pattern covers any of the names of an event's place. Without a name no pattern does:
// what cannot be placed is out of scope. Without patterns the secret is not bound: true.
bool scope_covers(std::span<const std::string> patterns,
                  std::span<const std::string> places) noexcept;

}  // namespace signalbox
