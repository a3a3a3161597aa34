// One message over HTTP, whole, wherever its mailbox has it.
#include <fmt/format.h>

#include "gateway/api/route_table.hpp"

namespace signalbox::api {
namespace {

struct Place {
  std::string space;
  std::string mailbox;
};

void add_places(std::vector<Place>& places, const std::string& space, const std::string& mailbox) {
  places.push_back({space, mailbox});
  if (!mailbox.starts_with(dead_prefix)) {
    places.push_back({space, std::string{dead_prefix}.append(mailbox)});
  }
}

// Where the message may be: the caller's mailbox, or the one that an operator names, and its dead
// letters; those of all agents for an operator who names none, of one namespace where one is named.
Result<std::vector<Place>> places_of(const Call& call) {
  std::vector<Place> places;
  const bool anywhere = call.principal->role == Principal::Role::operator_ &&
                        !query_parameter(call.request.target, "agent");
  if (!anywhere) {
    const auto mailbox = mailbox_of(call);
    if (!mailbox) return mailbox.error();
    add_places(places, call.space, *mailbox);
    return places;
  }
  const bool one_space = query_parameter(call.request.target, "namespace").has_value();
  for (const AgentConfig& agent : call.runtime.config->agents) {
    if (!one_space || agent.space == call.space) add_places(places, agent.space, agent.name);
  }
  return places;
}

Task<Response> show_message(Call& call) {
  const auto places = places_of(call);
  if (!places) co_return respond(places.error());
  const std::string id{call.parts[2]};
  const Deadline deadline = call_deadline();
  for (const Place& place : *places) {
    call.enter(place.space);
    const auto found = co_await call.store->message(place.mailbox, id, deadline);
    if (!found) co_return respond(found.error());
    if (!*found) continue;
    call.note_id(id);
    Response response;
    response.content_type = "application/cloudevents+json";
    response.body = **found;
    co_return response;
  }
  co_return respond(
      Error{Reason::not_found,
            fmt::format("{} no message of this id; what is acknowledged is gone",
                        places->size() > 2 ? "the mailboxes hold" : "the mailbox holds")});
}

}  // namespace

extern constinit const Route show_message_route{.method = "GET",
                                                .path = {"v1", "messages", "*"},
                                                .query = {"agent", "namespace"},
                                                .handle = show_message};

}  // namespace signalbox::api
