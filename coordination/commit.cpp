#include "coordination/commit.hpp"

namespace signalbox {

std::string_view to_string(Outcome outcome) noexcept {
  switch (outcome) {
    case Outcome::no_match:
      return "no_match";
    case Outcome::dropped:
      return "dropped";
    case Outcome::failed:
      return "failed";
    case Outcome::accepted:
      break;
  }
  return "accepted";
}

}  // namespace signalbox
