#include "event/event.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "event/ascii.hpp"

namespace signalbox {
namespace {

constexpr std::array<std::string_view, 5> relation_names{"implements", "fixes", "mentions", "child",
                                                         "head"};
constexpr std::array<std::string_view, 11> place_names{"branch", "title", "description", "comment",
                                                       "commit", "head",  "checks",      "project",
                                                       "parent", "link",  "attachment"};
static_assert(relation_names[static_cast<std::size_t>(Relation::head)] == "head");
static_assert(place_names[static_cast<std::size_t>(ReferencePlace::attachment)] == "attachment");

template <class Enum, std::size_t n>
std::optional<Enum> enum_of(const std::array<std::string_view, n>& names, std::string_view name) {
  const auto found = std::ranges::find(names, name);
  if (found == names.end()) return std::nullopt;
  return static_cast<Enum>(found - names.begin());
}

}  // namespace

WorkRef::WorkRef(std::string canonical_name, std::string readable_name,
                 std::vector<std::string> further_names)
    : canonical{std::move(canonical_name)},
      readable{std::move(readable_name)},
      aliases{std::move(further_names)},
      id{work_id(canonical)} {}

std::string_view to_string(ActorKind kind) noexcept {
  switch (kind) {
    case ActorKind::human:
      return "human";
    case ActorKind::bot:
      return "bot";
    case ActorKind::app:
      return "app";
    case ActorKind::unknown:
      break;
  }
  return "unknown";
}

std::string_view to_string(Trust trust) noexcept {
  switch (trust) {
    case Trust::contributor:
      return "contributor";
    case Trust::collaborator:
      return "collaborator";
    case Trust::member:
      return "member";
    case Trust::owner:
      return "owner";
    case Trust::outsider:
      break;
  }
  return "outsider";
}

std::optional<Trust> parse_trust(std::string_view name) noexcept {
  for (const Trust trust :
       {Trust::outsider, Trust::contributor, Trust::collaborator, Trust::member, Trust::owner}) {
    if (to_string(trust) == name) return trust;
  }
  return std::nullopt;
}

std::string_view to_string(Relation relation) noexcept {
  return relation_names[static_cast<std::size_t>(relation)];
}

std::string_view to_string(ReferencePlace place) noexcept {
  return place_names[static_cast<std::size_t>(place)];
}

std::optional<Relation> parse_relation(std::string_view name) noexcept {
  return enum_of<Relation>(relation_names, name);
}

std::optional<ReferencePlace> parse_reference_place(std::string_view name) noexcept {
  return enum_of<ReferencePlace>(place_names, name);
}

bool iequals(std::string_view a, std::string_view b) noexcept {
  if (a.size() != b.size()) return false;
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (ascii_lower(a[i]) != ascii_lower(b[i])) return false;
  }
  return true;
}

Result<std::optional<std::string_view>> Headers::find(std::string_view name) const {
  std::optional<std::string_view> found;
  for (const auto& [field, value] : fields_) {
    if (!iequals(field, name)) continue;
    if (found) return Error{Reason::malformed_request, fmt::format("header {} occurs twice", name)};
    found = value;
  }
  return found;
}

}  // namespace signalbox
