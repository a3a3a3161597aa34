// The parts of an event that every connector fills alike, so that none is forgotten. Thread-safe.
#pragma once

#include <span>
#include <string_view>

#include "connectors/connector.hpp"

namespace signalbox {

// An event with what the request says of itself: source, connector, delivery, id, time, digest,
// body and headers. `site` tells apart deliveries that have the same id at different places of a
// provider.
Event begin_event(const Verified& verified, std::string_view delivery, Json body,
                  std::string_view site = {});

// The digest of an object without the values of the members that belong to the delivery and not to
// its event, wherever in the object they stand: deliveries that differ in them alone are one event.
Digest digest_without(Json object, std::span<const std::string_view> members);

// "github.pull_request.opened": the connector, the name of the event and the action, if there is
// one. The last two are lower snake case already.
std::string event_type(const Verified& verified, std::string_view name,
                       std::string_view action = {});

// What the body says of its event: actor, trust, work, subject, references, places. `Body` is a
// provider's reading of it, with functions of these names.
template <class Body>
void tell_of_body(Event& event, const Body& body, const TrackerKeys& trackers) {
  event.actor = body.actor();
  event.trust = body.trust();
  event.work = body.work();
  event.subject = event.work ? event.work->readable : body.place();
  event.references =
      body.references(trackers, event.work ? event.work->readable : std::string_view{});
  event.places = body.places();
}

}  // namespace signalbox
