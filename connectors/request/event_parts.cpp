#include "connectors/request/event_parts.hpp"

#include <fmt/format.h>

#include <cassert>

namespace signalbox {

Event begin_event(const Verified& verified, std::string_view delivery, Json body,
                  std::string_view site) {
  assert(!delivery.empty());  // else all deliveries of the source would be one
  const Unverified& request = verified.request();
  Event event;
  event.id = site.empty() ? event_id(request.source, delivery)
                          : event_id(request.source, fmt::format("{}/{}", site, delivery));
  event.source = request.source;
  event.connector = verified.connector();
  event.delivery = delivery;
  event.time = request.received;
  event.digest = verified.digest();
  event.body = body;
  event.headers = request.headers;
  return event;
}

std::string event_type(const Verified& verified, std::string_view name, std::string_view action) {
  return fmt::format("{}.{}{}{}", verified.connector(), name, action.empty() ? "" : ".", action);
}

}  // namespace signalbox
