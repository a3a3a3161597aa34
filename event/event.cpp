#include "event/event.hpp"

#include <fmt/format.h>

namespace signalbox {
namespace {

char lower(char c) noexcept { return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c; }

}  // namespace

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

bool iequals(std::string_view a, std::string_view b) noexcept {
  if (a.size() != b.size()) return false;
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (lower(a[i]) != lower(b[i])) return false;
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
