// What a Jira body says, of Cloud and Data Center. Which members there are differs by event and by
// product, so everything is read by shape: an event that nobody has heard of has its actor and its
// issue all the same (invariant E6).
// https://developer.atlassian.com/cloud/jira/platform/webhooks/
//
// Thread-safe. Each `body` is an object.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "connectors/references/references.hpp"
#include "event/event.hpp"

namespace signalbox::jira_body {

// "issue_updated" from "jira:issue_updated" in `webhookEvent`, "unknown" for a body without it.
std::string type(Json body);

// Who acted: `user`, or the author of the comment, worklog or attachment that was made or changed.
// Unknown where the body does not say, as for what was deleted and for sprints, boards and links.
// Cloud tells people from apps by `accountType`; Data Center does not, so there the kind is
// unknown.
Actor actor(Json body);

// The lowest among the actor and the authors of the texts in the body: member for a person's
// account and for users of a Data Center, outsider for customers of a service desk and for apps.
Trust trust(Json body);

// The issue that the body is about. A link joins two issues and is about neither.
std::optional<WorkRef> work(Json body);

// What the texts of the body name behind a linking word, the links of an issue and its parent.
// `own` is the readable name of the work, `trust` that of the body's texts.
std::vector<Reference> references(Json body, const TrackerKeys& trackers, std::string_view own,
                                  Trust trust);

// "<host>/PROJ", or "<host>" for what belongs to no single project.
std::vector<std::string> places(Json body);

// "jira:PROJ" for what belongs to a project, "jira:<host>", or empty.
std::string place(Json body);

// The host of the site that the body is from, with its port; empty where no member has a URL.
std::string site(Json body);

// Whether equal bodies must be one delivery, since they carry the time of their event.
bool is_unique(Json body);

}  // namespace signalbox::jira_body
