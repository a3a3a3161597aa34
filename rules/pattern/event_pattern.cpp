#include "rules/pattern/event_pattern.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "event/ascii.hpp"
#include "event/connector_names.hpp"
#include "event/star_match.hpp"
#include "rules/source/diagnostic.hpp"

namespace signalbox {
namespace {

// Takes the first part off a dotted name.
std::string_view take_part(std::string_view& name) noexcept {
  const std::size_t dot = name.find('.');
  const std::string_view part = name.substr(0, dot);
  name.remove_prefix(dot == std::string_view::npos ? name.size() : dot + 1);
  return part;
}

Error wrong_pattern(std::string message) {
  return Error{Reason::invalid_argument, std::move(message)};
}

// "pullRequest" -> "pull_request"
std::string snake_case(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c < 'A' || c > 'Z') {
      out += c;
      continue;
    }
    if (!out.empty() && out.back() != '.' && out.back() != '_') out += '_';
    out += ascii_lower(c);
  }
  return out;
}

bool is_type_character(char c) noexcept {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-' || c == '*' ||
         c == '.';
}

}  // namespace

Result<EventPattern> EventPattern::parse(std::string_view text) {
  if (text.empty() || text.size() > event_pattern_bytes_max) {
    return wrong_pattern(
        fmt::format("an event type has 1 to {} characters", event_pattern_bytes_max));
  }
  if (const std::string snake = snake_case(text); snake != text) {
    return wrong_pattern(
        fmt::format("event types are lower snake case; did you mean '{}'?", snake));
  }
  if (!std::all_of(text.begin(), text.end(), is_type_character)) {
    return wrong_pattern(
        fmt::format("'{}' is no event type: use a-z, 0-9, '_', '-', '.' and '*'", text));
  }
  if (text.front() == '.' || text.back() == '.' || text.find("..") != std::string_view::npos) {
    return wrong_pattern(fmt::format("'{}' has an empty part", text));
  }
  std::string_view rest = text;
  const std::string_view connector = take_part(rest);
  const bool known = std::ranges::any_of(
      connector_names, [&](std::string_view name) { return star_matches(connector, name); });
  if (!known) {
    return wrong_pattern(fmt::format("unknown connector '{}'{}", connector,
                                     did_you_mean(connector, connector_names)));
  }
  return EventPattern{text};
}

bool EventPattern::covers(std::string_view type) const noexcept {
  std::string_view pattern = text_;
  while (!pattern.empty()) {
    if (type.empty() || !star_matches(take_part(pattern), take_part(type))) return false;
  }
  return true;
}

}  // namespace signalbox
