// What a Linear body says. All of it is signed, the event's name included, and it is read by shape:
// an entity that nobody has heard of has its actor and its issue all the same (invariant E6).
// https://linear.app/developers/webhooks
//
// Thread-safe.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "connectors/references/references.hpp"
#include "event/event.hpp"

namespace signalbox {

// One part of an event type from a name in camel case: "AgentSessionEvent" is
// "agent_session_event", "IssueSLA" is "issue_sla", "teamAccessChanged" is "team_access_changed".
// At most `name_bytes_max` long.
std::string snake_of_camel(std::string_view name);

// A view: valid as long as the Json, which is an object.
class LinearBody {
 public:
  explicit LinearBody(Json object);

  // "issue.update" from the members `type` and `action`; "unknown" for a body without a type.
  std::string type() const;

  // Who acted: `actor`, or who asked the agent, for an agent's session. Deliveries of 2021 and 2023
  // name nobody but the creator of what was just created.
  Actor actor() const;

  // Member where the acting person belongs to the workspace and so does the author of the text.
  // Outsider for external users, and for apps and integrations, which carry other people's texts
  // in.
  Trust trust() const { return trust_; }

  // The issue that the body is, or belongs to.
  std::optional<WorkRef> work() const;

  // What the texts of the body name behind a linking word, the URL of an attachment, and the parent
  // of an issue, but for `own`, the readable name of the work.
  std::vector<Reference> references(const TrackerKeys& trackers, std::string_view own) const;

  // "<organization>/ENG" and "ENG", or "<organization>" for what belongs to no single team.
  std::vector<std::string> places() const;

  // "linear:ENG" for what belongs to a team, "linear:<organization>", or empty.
  std::string place() const;

  // Identifies the event whatever time and by whichever webhook it was sent: a retry may carry a
  // fresh `webhookTimestamp` under another delivery id, and two webhooks deliver one change with
  // their `webhookId`. `whole` is the digest of the whole body, which is the answer where the body
  // has no time of its own beside the sending's.
  Digest digest(const Digest& whole) const;

  // Whether equal bodies must be one delivery, since they carry a time.
  bool is_unique() const;

 private:
  Trust lowest_trust() const;

  Json object_;
  Trust trust_;
};

}  // namespace signalbox
