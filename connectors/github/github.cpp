// GitHub webhooks: repository, organization and App hooks of github.com and Enterprise Server.
// https://docs.github.com/en/webhooks/using-webhooks/validating-webhook-deliveries
//
// Signed are the bytes of the body: X-Hub-Signature-256 is HMAC-SHA256 over them, of a form body
// over its encoded bytes. The delivery's id (X-GitHub-Delivery, kept when an operator presses
// "Redeliver") and the event's name (X-GitHub-Event) are not signed. GitHub waits 10 s for an
// answer and never retries by itself.
//
// Thread-safe as far as the keys and the parse scratch that it is given.
#include <fmt/format.h>

#include "connectors/connector.hpp"
#include "connectors/github/body.hpp"
#include "connectors/hmac.hpp"
#include "connectors/request/body.hpp"
#include "connectors/request/event_parts.hpp"
#include "connectors/request/freshness.hpp"
#include "connectors/request/names.hpp"
#include "connectors/request/signature.hpp"

namespace signalbox {
namespace {

using namespace std::chrono_literals;

constexpr std::string_view signature_header =
    "X-Hub-Signature-256";  // X-Hub-Signature is SHA-1: ignored
constexpr std::string_view delivery_header = "X-GitHub-Delivery";
constexpr std::string_view event_header = "X-GitHub-Event";
constexpr std::string_view signature_prefix = "sha256=";
constexpr std::string_view form_name = "payload";
constexpr Milliseconds answer_deadline = 8s;      // 10 s, less what the network may take
constexpr Milliseconds deduplicate_window = 72h;  // redelivery is offered for 3 days

// The MAC that the header claims.
Result<Digest> claimed_mac(const Unverified& request) {
  const auto header = claimed_signature(request.headers, signature_header);
  if (!header) return header.error();
  if (!header->starts_with(signature_prefix)) {
    return Error{Reason::signature_malformed, "the signature does not start with 'sha256='"};
  }
  return mac_of_hex(header->substr(signature_prefix.size()));
}

Result<SignatureMatch> check_signature(SecretKeys keys, const Unverified& request) {
  const auto claimed = claimed_mac(request);
  if (!claimed) return claimed.error();
  return match_body(keys, request.body, *claimed);
}

Result<Event> parse(const Verified& verified, ParseScratch& scratch) {
  const Unverified& request = verified.request();
  const auto delivery = plain_header(request.headers, delivery_header);
  if (!delivery) return delivery.error();
  const auto name = plain_header(request.headers, event_header);
  if (!name) return name.error();
  const auto object = read_object(request, form_name, scratch, verified.terms().content_type);
  if (!object) return object.error();

  const GithubBody body{*object};
  const std::string event_name = snake_case(*name);
  const GithubEvent* known = find_github_event(event_name);
  if (known != nullptr) {
    if (auto wrong = body.shape_error(*known); !wrong.empty()) {
      return Error{Reason::event_mismatch, std::move(wrong)};
    }
  }
  if (const auto happened = body.own_time(known)) {
    if (auto old = age_error(verified, *happened)) return *std::move(old);
  }
  Event event = begin_event(verified, *delivery, *object);
  event.type = event_type(verified, event_name, snake_case(body.action()));
  tell_of_body(event, body, verified.trackers());
  event.digest_guards = body.is_unique(known);
  event.name_tag = name_tag(event_name);
  return event;
}

std::vector<std::pair<std::string, std::string>> sign(std::string_view type,
                                                      std::string_view delivery,
                                                      std::string_view body,
                                                      std::string_view secret) {
  constexpr std::string_view own = "github.";
  if (type.starts_with(own)) type.remove_prefix(own.size());
  const std::string_view event = type.substr(0, type.find('.'));
  HmacSha256 hmac{secret};
  return {
      {"User-Agent", "GitHub-Hookshot/5165b0c"},
      {"Accept", "*/*"},
      {"Content-Type", "application/json"},
      {std::string{event_header}, std::string{event}},
      {std::string{delivery_header}, std::string{delivery}},
      {"X-GitHub-Hook-ID", "1001"},
      {"X-GitHub-Hook-Installation-Target-Type", "repository"},
      {"X-GitHub-Hook-Installation-Target-ID", "2001"},
      {std::string{signature_header}, fmt::format("{}{}", signature_prefix, to_hex(hmac(body)))}};
}

}  // namespace

extern constinit const Connector github;
constinit const Connector github{.name = "github",
                                 .delivery_header = delivery_header,
                                 .answer_deadline = answer_deadline,
                                 .deduplicate_id = deduplicate_window,
                                 .deduplicate_digest = deduplicate_window,
                                 .form_field = form_name,
                                 .signs_time = false,
                                 .check_signature = check_signature,
                                 .parse = parse,
                                 .sign = sign};

}  // namespace signalbox
