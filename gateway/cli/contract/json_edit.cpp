#include "gateway/cli/contract/json_edit.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>
#include <span>
#include <vector>

#include "event/json.hpp"
#include "event/json_escape.hpp"

namespace signalbox {
namespace {

struct PathPart {
  std::string name;                     // of a member; empty for a position
  std::optional<std::size_t> position;  // in a list
};

Failure wrong_path(std::string_view path) {
  return usage_failure(fmt::format("'{}' is no path like issue.labels[0].name", path));
}

// "labels[0][1]" -> labels, 0, 1
bool add_parts(std::vector<PathPart>& parts, std::string_view text) {
  const std::size_t bracket = std::min(text.find('['), text.size());
  if (bracket > 0) parts.push_back({std::string{text.substr(0, bracket)}, {}});
  if (bracket == 0 && parts.empty() && text.empty()) return false;
  text.remove_prefix(bracket);
  while (!text.empty()) {
    const std::size_t end = text.find(']');
    if (text.front() != '[' || end == std::string_view::npos) return false;
    std::size_t position = 0;
    const char* last = text.data() + end;
    const auto [read, failed] = std::from_chars(text.data() + 1, last, position);
    if (failed != std::errc{} || read != last) return false;
    parts.push_back({{}, position});
    text.remove_prefix(end + 1);
  }
  return true;
}

CommandResult<std::vector<PathPart>> parse_path(std::string_view path) {
  std::vector<PathPart> parts;
  std::string_view rest = path;
  while (true) {
    const std::size_t dot = std::min(rest.find('.'), rest.size());
    if (dot == 0 || !add_parts(parts, rest.substr(0, dot))) return wrong_path(path);
    if (parts.size() > edit_path_parts_max) {
      return usage_failure(fmt::format("a path has at most {} parts", edit_path_parts_max));
    }
    if (dot == rest.size()) return parts;
    rest.remove_prefix(dot + 1);
  }
}

std::string json_of(std::string_view text) {
  JsonDocument document;
  if (document.parse_copy(text)) return std::string{text};
  std::string quoted;
  append_json_string(quoted, text);
  return quoted;
}

// What the rest of a path that is not there yet stands for: {"name":<value>}, [<value>].
CommandResult<std::string> made_of(std::span<const PathPart> parts, std::string value) {
  for (std::size_t i = parts.size(); i-- > 0;) {
    const PathPart& part = parts[i];
    if (!part.position) {
      std::string name;
      append_json_string(name, part.name);
      value = fmt::format("{{{}:{}}}", name, value);
    } else if (*part.position == 0) {
      value = fmt::format("[{}]", value);
    } else {
      return usage_failure(
          fmt::format("position {} of a list that is not there yet", *part.position));
    }
  }
  return value;
}

// The member or element that a part names; missing where it may be made, a failure where not.
CommandResult<Json> step(Json at, const PathPart& part, std::string_view path) {
  const JsonKind wanted = part.position ? JsonKind::array : JsonKind::object;
  if (!at.is(wanted)) {
    return usage_failure(
        fmt::format("{}: what holds {} is no {}", path,
                    part.position ? fmt::format("[{}]", *part.position) : "'" + part.name + "'",
                    part.position ? "list" : "object"));
  }
  if (!part.position) return at[part.name];
  std::size_t count = 0;
  for ([[maybe_unused]] const Json element : at.elements()) ++count;
  if (*part.position > count) {
    return usage_failure(
        fmt::format("{}: the list has {} elements, and no [{}]", path, count, *part.position));
  }
  return at.at(*part.position);
}

// `inserted` as the last of the container `holder`.
std::string with_last(const std::string& body, std::string_view holder, std::size_t offset,
                      const std::string& inserted) {
  const bool empty = holder.find_first_not_of(" \t\r\n", 1) == holder.size() - 1;
  const std::size_t end = offset + holder.size() - 1;
  return body.substr(0, end) + (empty ? "" : ",") + inserted + body.substr(end);
}

}  // namespace

CommandResult<std::string> set_value(const std::string& body, std::string_view assignment) {
  const std::size_t equals = assignment.find('=');
  if (equals == std::string_view::npos) {
    return usage_failure(fmt::format("'{}' is no assignment like issue.title=Broken", assignment));
  }
  const std::string_view path = assignment.substr(0, equals);
  const auto parts = parse_path(path);
  if (!parts) return parts.error();
  JsonDocument document;
  std::string padded = body + std::string(json_padding, ' ');
  const std::string_view text = std::string_view{padded}.substr(0, body.size());
  const auto root = document.parse(text);
  if (!root) return usage_failure("the body is not JSON: " + root.error().detail);
  const auto offset_of = [&](Json value) {
    return static_cast<std::size_t>(value.raw().data() - padded.data());
  };
  Json at = *root;
  std::string value = json_of(assignment.substr(equals + 1));
  for (std::size_t i = 0; i < parts->size(); ++i) {
    const auto next = step(at, (*parts)[i], path);
    if (!next) return next.error();
    if (*next) {
      at = *next;
      continue;
    }
    auto made = made_of(std::span{*parts}.subspan(i + 1), std::move(value));
    if (!made) return made.error();
    std::string inserted = std::move(*made);
    if (!(*parts)[i].position) {
      std::string name;
      append_json_string(name, (*parts)[i].name);
      inserted = name + ":" + inserted;
    }
    return with_last(body, at.raw(), offset_of(at), inserted);
  }
  return body.substr(0, offset_of(at)) + value + body.substr(offset_of(at) + at.raw().size());
}

}  // namespace signalbox
