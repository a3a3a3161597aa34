// What a GitHub body says. The event's name stands in an unsigned header, so everything else is
// read from the signed body, by the objects that it holds and not by the name, wherever that is
// possible: an event that nobody has heard of has its actor, trust and work all the same (invariant
// E6). https://docs.github.com/en/webhooks/webhook-events-and-payloads
//
// Thread-safe. Each `body` is an object.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "event/event.hpp"

namespace signalbox::github_body {

// Whether the body can be a body of `event` (in lower snake case): empty when it fits or the event
// is unknown, else what is wrong with it. Without this a captured body could be sent again under
// another event's name.
std::string shape_error(std::string_view event, Json body);

// Whether two deliveries with this very body must be the same delivery, since it carries a time or
// number of its own. False: equal bodies are legal, such as a branch that is created, deleted and
// created again.
bool is_unique(std::string_view event, std::string_view action, Json body);

// Who acted: `sender`. A Bot account is a bot; a person in whose name an App wrote is an app.
Actor actor(Json body);

// The lowest association among the authors of the texts that the body carries: a pull request's, an
// issue's, a discussion's, a comment's, a review's. Outsider where there is none, which is not to
// say that the actor is one: the commit messages of a push may be anybody's.
Trust trust(Json body);

// The pull request, issue or discussion that the body is about, or the only pull request of its
// check run, check suite or workflow run. The three share one sequence of numbers in a repository.
std::optional<WorkRef> work(Json body);

// "github:acme/api", "github:acme" for an organization's events, or empty.
std::string place(Json body);

}  // namespace signalbox::github_body
