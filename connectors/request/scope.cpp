#include "connectors/request/scope.hpp"

#include <algorithm>

#include "connectors/request/names.hpp"
#include "event/ascii.hpp"
#include "event/star_match.hpp"

namespace signalbox {
namespace {

bool same_letter(char a, char b) noexcept { return ascii_lower(a) == ascii_lower(b); }

std::string_view take_part(std::string_view& path) noexcept {
  const std::string_view part = path.substr(0, path.find('/'));
  path.remove_prefix(std::min(part.size() + 1, path.size()));
  return part;
}

bool covers(std::string_view pattern, std::string_view place) noexcept {
  while (!pattern.empty()) {
    if (pattern == "*") return true;
    if (place.empty() || !star_matches(take_part(pattern), take_part(place), same_letter))
      return false;
  }
  return true;
}

}  // namespace

std::string_view scope_fault(std::string_view pattern) noexcept {
  if (pattern.empty()) return "is empty";
  if (!is_plain_name(pattern, "*/:", scope_bytes_max)) {
    return "may hold letters, digits and . _ - : / * only, at most 256";
  }
  if (pattern.starts_with('/') || pattern.ends_with('/') ||
      pattern.find("//") != std::string_view::npos) {
    return "has an empty part";
  }
  return {};
}

bool scope_covers(std::span<const std::string> patterns,
                  std::span<const std::string> places) noexcept {
  if (patterns.empty()) return true;
  return std::ranges::any_of(patterns, [&](const std::string& pattern) {
    return std::ranges::any_of(places,
                               [&](const std::string& place) { return covers(pattern, place); });
  });
}

}  // namespace signalbox
