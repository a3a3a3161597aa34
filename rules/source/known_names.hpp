// What is said of a name that nobody knows: the nearest, and which ones there are.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace signalbox {

// "; did you mean 'review'? (known: review, triage)", at most `names_listed_max` of them; " (there
// are none)" for no candidates.
inline constexpr std::size_t names_listed_max = 20;
std::string known_names(std::string_view wrong, std::span<const std::string_view> candidates);

}  // namespace signalbox
