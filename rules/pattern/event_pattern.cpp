#include "rules/pattern/event_pattern.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "event/ascii.hpp"
#include "event/connector_names.hpp"
#include "event/star_match.hpp"
#include "rules/pattern/event_hints.hpp"

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

bool is_connector(std::string_view pattern) {
  return std::ranges::any_of(connector_names,
                             [&](std::string_view name) { return star_matches(pattern, name); });
}

// As a type is spelled here: "GitHub.pullRequest" -> "github.pull_request", "jira:issue_updated" ->
// "jira.issue_updated"; a connector is not said twice.
std::string usual_spelling(std::string_view text) {
  const std::size_t end = std::min(text.find_first_of(".:/"), text.size());
  const std::string_view first = text.substr(0, end);
  const std::string lower = ascii_lower(first);
  const std::string beginning = is_connector(lower) ? lower : snake_case(first);
  std::string rest = snake_case(text.substr(end));
  for (char& c : rest) {
    if (c == ':' || c == '/') c = '.';
  }
  const std::string twice = fmt::format(".{}.", beginning);
  if (beginning.find('*') == std::string::npos && rest.starts_with(twice)) {
    rest.erase(0, twice.size() - 1);
  }
  return beginning + rest;
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
  if (const std::string usual = usual_spelling(text);
      usual != text && std::ranges::all_of(usual, is_type_character)) {
    const std::string name = usual.substr(0, usual.find('.'));
    if (!is_connector(name)) {
      return wrong_pattern(
          fmt::format("unknown connector '{}'{}", name, unknown_connector_hint(usual)));
    }
    const std::string what = ascii_lower(text) == text ? fmt::format("'{}' is no event type", text)
                                                       : "event types are lower snake case";
    return wrong_pattern(fmt::format("{}; did you mean '{}'?", what, usual));
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
  if (!is_connector(connector)) {
    return wrong_pattern(
        fmt::format("unknown connector '{}'{}", connector, unknown_connector_hint(text)));
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
