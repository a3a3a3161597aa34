// Linear webhooks: data changes, agent sessions, notifications, of a workspace or an OAuth app.
// https://linear.app/developers/webhooks
//
// Signed are the bytes of the body: Linear-Signature is their bare HMAC-SHA256. The event's name
// and the time of sending (`webhookTimestamp`) stand in the body; the headers Linear-Event and
// Linear-Timestamp repeat them unsigned and are not looked at. Linear-Delivery is unsigned too.
// Linear waits 5 s for an answer, takes 200 only, and tries again after 1 minute, 1 hour and 6
// hours.
//
// Thread-safe as far as the keys and the parse scratch that it is given.
#include <fmt/format.h>

#include "connectors/connector.hpp"
#include "connectors/hmac.hpp"
#include "connectors/linear/body.hpp"
#include "connectors/request/body.hpp"
#include "connectors/request/event_parts.hpp"
#include "connectors/request/freshness.hpp"
#include "connectors/request/signature.hpp"

namespace signalbox {
namespace {

using namespace std::chrono_literals;

constexpr std::string_view signature_header = "Linear-Signature";
constexpr std::string_view delivery_header = "Linear-Delivery";
constexpr std::string_view event_header = "Linear-Event";
constexpr Milliseconds answer_deadline = 4s;      // 5 s, less what the network may take
constexpr Milliseconds deduplicate_window = 72h;  // far behind the last retry

Result<SignatureMatch> check_signature(SecretKeys keys, const Unverified& request) {
  const auto header = claimed_signature(request.headers, signature_header);
  if (!header) return header.error();
  const auto claimed = mac_of_hex(*header);
  if (!claimed) return claimed.error();
  return match_body(keys, request.body, *claimed);
}

Result<Event> parse(const Verified& verified, ParseScratch& scratch) {
  const Unverified& request = verified.request();
  const auto delivery = plain_header(request.headers, delivery_header);
  if (!delivery) return delivery.error();
  const auto object = read_object(request, {}, scratch);
  if (!object) return object.error();
  if (const Json field = (*object)["webhookTimestamp"]) {
    const auto sent = signed_time(field);
    if (!sent)
      return Error{Reason::malformed_body, "webhookTimestamp is no number of milliseconds"};
    if (auto stale = freshness_error(verified, *sent)) return *std::move(stale);
  }

  const LinearBody body{*object};
  Event event = begin_event(verified, *delivery, *object);
  event.type = event_type(verified, body.type());
  tell_of_body(event, body, verified.trackers());
  event.digest = body.digest(verified.digest());
  event.digest_guards = body.is_unique();
  return event;
}

// "Issue" of a body that says so; the header is a copy of it.
std::string entity_of(std::string_view body) {
  JsonDocument document;
  const auto json = document.parse_copy(body);
  return json ? std::string{(*json)["type"].string_or({})} : std::string{};
}

std::vector<std::pair<std::string, std::string>> sign(std::string_view, std::string_view delivery,
                                                      std::string_view body,
                                                      std::string_view secret) {
  HmacSha256 hmac{secret};
  return {{"User-Agent", "Linear-Webhook"},
          {"Accept-Charset", "utf-8"},
          {"Content-Type", "application/json; charset=utf-8"},
          {std::string{delivery_header}, std::string{delivery}},
          {std::string{event_header}, entity_of(body)},
          {std::string{signature_header}, to_hex(hmac(body))}};
}

}  // namespace

extern constinit const Connector linear;
constinit const Connector linear{.name = "linear",
                                 .delivery_header = delivery_header,
                                 .own_keys = OwnKeys::teams,
                                 .answer_deadline = answer_deadline,
                                 .deduplicate_id = deduplicate_window,
                                 .deduplicate_digest = deduplicate_window,
                                 .retries_refused = true,
                                 .signs_time = true,
                                 .check_signature = check_signature,
                                 .parse = parse,
                                 .sign = sign};

}  // namespace signalbox
