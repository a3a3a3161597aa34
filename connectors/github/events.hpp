// GitHub's events by name: which members tell their bodies apart, and which member makes one
// delivery's body differ from all others. Immutable, thread-safe.
// https://docs.github.com/en/webhooks/webhook-events-and-payloads
#pragma once

#include <array>
#include <string_view>

#include "event/json.hpp"

namespace signalbox {

struct GithubEvent {
  struct Need {
    std::string_view key;
    JsonKind kind = JsonKind::object;
    bool or_null = false;
  };
  std::string_view name;
  std::array<Need, 3> needs{};                 // top-level members that its bodies have
  std::array<std::string_view, 4> excludes{};  // members that only other events' bodies have
  // The member that changes from one delivery to the next, in an object of the body or (empty) in
  // the body itself. No field: the event has none, and equal bodies are legal.
  std::string_view own_object;
  std::string_view own_field;
  // Whether its bodies say where and who, and hold no other object or list: anything else that an
  // object or a list tells of is another event.
  bool bare = false;
  std::string_view only_action{};  // where it has but one
};

// nullptr for an event that is not known here, which is no error.
const GithubEvent* find_github_event(std::string_view name) noexcept;

}  // namespace signalbox
