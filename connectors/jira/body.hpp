// What a Jira body says, of Cloud and Data Center. Which members there are differs by event and by
// product, so everything is read by shape: an event that nobody has heard of has its actor and its
// issue all the same (invariant E6).
// https://developer.atlassian.com/cloud/jira/platform/webhooks/
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

// A view: valid as long as the Json, which is an object.
class JiraBody {
 public:
  explicit JiraBody(Json object);

  // "issue_updated" from "jira:issue_updated" in `webhookEvent`, "unknown" for a body without it.
  std::string type() const;

  // Who acted: `user`, or the author of the comment, worklog or attachment that was made or
  // changed. Unknown where the body does not say, as for what was deleted and for sprints, boards
  // and links. Cloud tells people from apps by `accountType`; Data Center does not, so there the
  // kind is unknown.
  Actor actor() const;

  // The lowest among the actor and the authors of the texts in the body: member for a person's
  // account and for users of a Data Center, outsider for customers of a service desk and for apps.
  Trust trust() const { return trust_; }

  // The issue that the body is about. A link joins two issues and is about neither.
  std::optional<WorkRef> work() const;

  // What the texts of the body name behind a linking word, the links of an issue and its parent,
  // but for `own`, the readable name of the work.
  std::vector<Reference> references(const TrackerKeys& trackers, std::string_view own) const;

  // "<host>/PROJ", or "<host>" for what belongs to no single project.
  std::vector<std::string> places() const;

  // "jira:PROJ" for what belongs to a project, "jira:<host>", or empty.
  std::string place() const;

  // The host of the site that the body is from, with its port; empty where no member has a URL.
  std::string site() const;

  // When the event happened, by the body's `timestamp`. Nothing where there is none, or it is no
  // number of milliseconds: Jira sends nothing again that is refused, so such a body is one
  // without.
  std::optional<Time> time() const;

  // Whether equal bodies must be one delivery, since they carry the time of their event.
  bool is_unique() const { return time().has_value(); }

 private:
  Trust lowest_trust() const;

  Json object_;
  Trust trust_;
};

}  // namespace signalbox
