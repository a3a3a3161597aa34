// Jira webhooks of Cloud sites and of Data Center, as administrators register them with a secret.
// https://developer.atlassian.com/cloud/jira/platform/webhooks/
//
// Signed are the bytes of the body: X-Hub-Signature is "method=" and the hexadecimal MAC, as WebSub
// has it; the one method that is taken is sha256. The event's name and time stand in the body. The
// delivery's id (X-Atlassian-Webhook-Identifier, the same on each retry) is unsigned, unique within
// a site only, and missing on Data Center. Jira waits 20 s for an answer and tries again up to five
// times, 5 to 15 minutes apart, on timeouts, 408, 409, 425, 429 and 5xx; an event that is answered
// with any other 4xx is lost.
//
// Thread-safe as far as the keys and the parse scratch that it is given.
#include <fmt/format.h>

#include "connectors/connector.hpp"
#include "connectors/hmac.hpp"
#include "connectors/jira/body.hpp"
#include "connectors/request/body.hpp"
#include "connectors/request/event_parts.hpp"
#include "connectors/request/freshness.hpp"
#include "connectors/request/signature.hpp"

namespace signalbox {
namespace {

using namespace std::chrono_literals;

constexpr std::string_view signature_header = "X-Hub-Signature";
constexpr std::string_view delivery_header = "X-Atlassian-Webhook-Identifier";
constexpr std::string_view method = "sha256";
constexpr Milliseconds answer_deadline = 15s;     // 20 s, less what the network may take
constexpr Milliseconds deduplicate_window = 72h;  // far behind the last retry
// Bodies without a time may come again lawfully, and whoever has captured one can send it again for
// ever: within so long of each other they are one.
constexpr Milliseconds repeat_guard = 10s;

// The method is never chosen by the header: there is one that is good enough.
Result<Digest> claimed_mac(const Unverified& request) {
  const auto header = claimed_signature(request.headers, signature_header);
  if (!header) return header.error();
  const std::string_view text = *header;
  const std::size_t equals = text.find('=');
  if (equals == std::string_view::npos || !iequals(text.substr(0, equals), method)) {
    return Error{Reason::signature_malformed, "the signature's method is not sha256"};
  }
  return mac_of_hex(text.substr(equals + 1));
}

Result<SignatureMatch> check_signature(SecretKeys keys, const Unverified& request) {
  const auto claimed = claimed_mac(request);
  if (!claimed) return claimed.error();
  return match_body(keys, request.body, *claimed);
}

// A webhook that is registered with "Exclude body" sends no bytes at all; `scratch` is given an
// empty object for it. All such requests have the one signature, so they are taken only where the
// source says that it has such a webhook. No type of content is documented, so a missing one is no
// reason to lose the event.
Result<Json> read_body(const Verified& verified, ParseScratch& scratch) {
  const Unverified& request = verified.request();
  if (request.body.empty()) {
    if (!verified.terms().exclude_body) {
      return Error{Reason::malformed_body,
                   "the body is empty: for a webhook with \"Exclude body\" the source needs "
                   "exclude_body: true"};
    }
    scratch.decoded.assign("{}").append(json_padding, ' ');
    return scratch.document.parse(std::string_view{scratch.decoded}.substr(0, 2));
  }
  const auto type = request.headers.find("Content-Type");
  if (!type) return type.error();
  if (*type) return read_object(request, {}, scratch);
  if (auto encoded = encoding_error(request.headers)) return *std::move(encoded);
  const auto json = scratch.document.parse(request.body);
  if (json && !json->is(JsonKind::object))
    return Error{Reason::malformed_body, "the body is no JSON object"};
  return json;
}

// Without an id of the provider's a delivery is known by its body; where equal bodies are legal, by
// the time of its arrival as well.
Result<std::string> delivery_id(const Verified& verified, bool unique) {
  const Unverified& request = verified.request();
  const auto header = request.headers.find(delivery_header);
  if (!header) return header.error();
  if (*header) {
    const auto id = plain_header(request.headers, delivery_header);
    if (!id) return id.error();
    return std::string{*id};
  }
  const std::string digest = to_hex(verified.digest());
  if (unique) return fmt::format("digest-{}", digest);
  return fmt::format("digest-{}-{}", digest, request.received.time_since_epoch().count());
}

Result<Event> parse(const Verified& verified, ParseScratch& scratch) {
  const Unverified& request = verified.request();
  const auto object = read_body(verified, scratch);
  if (!object) return object.error();
  const JiraBody body{*object};
  if (const auto time = body.time()) {
    if (auto stale = freshness_error(verified, *time)) return *std::move(stale);
  }
  const auto delivery = delivery_id(verified, body.is_unique());
  if (!delivery) return delivery.error();

  // Two sites that share a source may choose the same id.
  Event event = begin_event(verified, *delivery, *object, body.site());
  event.type = event_type(verified, request.body.empty() ? "empty" : body.type());
  tell_of_body(event, body, verified.trackers());
  event.digest_guards = body.is_unique();
  event.repeat_guard = repeat_guard;
  return event;
}

std::vector<std::pair<std::string, std::string>> sign(std::string_view, std::string_view delivery,
                                                      std::string_view body,
                                                      std::string_view secret) {
  HmacSha256 hmac{secret};
  return {{"User-Agent", "Atlassian Webhook HTTP Client"},
          {"Content-Type", "application/json; charset=utf-8"},
          {std::string{delivery_header}, std::string{delivery}},
          {"X-Atlassian-Webhook-Flow", "Primary"},
          {std::string{signature_header}, fmt::format("{}={}", method, to_hex(hmac(body)))}};
}

}  // namespace

extern constinit const Connector jira;
constinit const Connector jira{.name = "jira",
                               .delivery_header = delivery_header,
                               .own_keys = OwnKeys::projects,
                               .answer_deadline = answer_deadline,
                               .deduplicate_id = deduplicate_window,
                               .deduplicate_digest = deduplicate_window,
                               .excludes_bodies = true,
                               .signs_time = true,
                               .check_signature = check_signature,
                               .parse = parse,
                               .sign = sign};

}  // namespace signalbox
