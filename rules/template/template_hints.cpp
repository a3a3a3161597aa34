#include "rules/template/template_hints.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace signalbox {
namespace {

// A name of another system and ours, of the whole path or of its beginning where it ends with a
// dot.
struct OtherPath {
  std::string_view theirs;
  std::string_view ours;
};
constexpr auto other_paths = std::to_array<OtherPath>({
    {"github.event.", "body."},
    {"github.event_name", "event.type"},
    {"github.event", "body"},
    {"github.actor", "event.actor.name"},
    {"github.triggering_actor", "event.actor.name"},
    {"github.repository", "body.repository.full_name"},
    {"github.sha", "body.after"},
    {"github.ref", "body.ref"},
    {"payload.", "body."},
    {"detail.", "body."},
    {"trigger.body.", "body."},
    {"event.body.", "body."},
    {"tt.params.", "body."},
    {"params.", "body."},
    {"header.", "headers."},
});
constexpr std::array<std::string_view, 4> our_roots{"body.", "event.", "headers", "item"};

std::string_view without_blanks(std::string_view text) {
  while (text.starts_with(' ')) text.remove_prefix(1);
  while (text.ends_with(' ')) text.remove_suffix(1);
  return text;
}

bool is_path_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         c == '.' || c == '-' || c == '[' || c == ']' || c == '"';
}

bool is_path(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, is_path_character) &&
         text.find_first_of("0123456789-[]\"") != 0;
}

bool begins_as_ours(std::string_view path) {
  return std::ranges::any_of(our_roots, [&](std::string_view root) {
    return path.starts_with(root) &&
           (root.ends_with('.') || path.size() == root.size() ||
            std::string_view{".["}.find(path[root.size()]) != std::string_view::npos);
  });
}

// Our path of theirs; empty where it is none that we know.
std::string known_path(std::string_view path) {
  for (const OtherPath& row : other_paths) {
    if (row.theirs.ends_with('.') ? !path.starts_with(row.theirs) : path != row.theirs) continue;
    return fmt::format("{}{}", row.ours, path.substr(row.theirs.size()));
  }
  return begins_as_ours(path) ? std::string{path} : std::string{};
}

std::string without_root_sign(std::string_view path) {
  if (path.starts_with('$')) path.remove_prefix(1);
  if (path.starts_with('.')) path.remove_prefix(1);
  return std::string{path};
}

// `text` begins with `open`; what stands up to `close`, where that is a path.
std::optional<ForeignTemplate> between(std::string_view text, std::string_view open,
                                       std::string_view close, bool any_path) {
  if (!text.starts_with(open)) return std::nullopt;
  const std::size_t end = text.find(close, open.size());
  if (end == std::string_view::npos) return std::nullopt;
  const std::string path =
      without_root_sign(without_blanks(text.substr(open.size(), end - open.size())));
  if (!is_path(path)) return std::nullopt;
  std::string ours = known_path(path);
  if (ours.empty() && any_path) ours = "body." + path;
  if (ours.empty()) return std::nullopt;
  return ForeignTemplate{text.substr(0, end + close.size()), fmt::format("${{{}}}", ours)};
}

// `$body.x`
std::optional<ForeignTemplate> bare(std::string_view text) {
  if (!text.starts_with('$')) return std::nullopt;
  std::size_t end = 1;
  while (end < text.size() && is_path_character(text[end])) ++end;
  while (end > 1 && text[end - 1] == '.') --end;
  const std::string_view path = text.substr(1, end - 1);
  if (!begins_as_ours(path) || path.find('.') == std::string_view::npos) return std::nullopt;
  return ForeignTemplate{text.substr(0, end), fmt::format("${{{}}}", path)};
}

}  // namespace

std::string actions_expression(std::string_view inside) {
  const std::string path = known_path(without_blanks(inside));
  return path.empty() ? path : fmt::format("${{{}}}", path);
}

std::optional<ForeignTemplate> find_foreign_template(std::string_view text) {
  for (std::size_t at = text.find_first_of("${"); at != std::string_view::npos;
       at = text.find_first_of("${", at + 1)) {
    const std::string_view rest = text.substr(at);
    if (rest.starts_with("${")) {  // ours
      ++at;
      continue;
    }
    if (auto found = between(rest, "{{", "}}", true)) return found;
    if (auto found = between(rest, "$(", ")", false)) return found;
    if (auto found = between(rest, "{", "}", false)) return found;
    if (auto found = bare(rest)) return found;
  }
  return std::nullopt;
}

}  // namespace signalbox
