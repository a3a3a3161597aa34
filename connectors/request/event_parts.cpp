#include "connectors/request/event_parts.hpp"

#include <fmt/format.h>

#include <algorithm>
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

Digest digest_without(Json object, std::span<const std::string_view> members) {
  std::vector<std::string_view> cuts;
  for (const std::string_view name : members) {
    if (const Json value = object[name]) cuts.push_back(value.raw());
  }
  std::ranges::sort(cuts, {}, &std::string_view::data);
  std::vector<std::string_view> parts;
  const std::string_view text = object.raw();
  std::size_t at = 0;
  for (const std::string_view cut : cuts) {
    const auto begin = static_cast<std::size_t>(cut.data() - text.data());
    assert(begin >= at && begin + cut.size() <= text.size());
    parts.push_back(text.substr(at, begin - at));
    at = begin + cut.size();
  }
  parts.push_back(text.substr(at));
  return sha256_of_parts(parts);
}

std::string event_type(const Verified& verified, std::string_view name, std::string_view action) {
  return fmt::format("{}.{}{}{}", verified.connector(), name, action.empty() ? "" : ".", action);
}

}  // namespace signalbox
