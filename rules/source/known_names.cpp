#include "rules/source/known_names.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "rules/source/diagnostic.hpp"

namespace signalbox {

std::string known_names(std::string_view wrong, std::span<const std::string_view> candidates) {
  if (candidates.empty()) return " (there are none)";
  const std::size_t shown = std::min(candidates.size(), names_listed_max);
  const std::string more =
      shown < candidates.size() ? fmt::format(", and {} more", candidates.size() - shown) : "";
  return fmt::format("{} (known: {}{})", did_you_mean(wrong, candidates),
                     fmt::join(candidates.first(shown), ", "), more);
}

}  // namespace signalbox
