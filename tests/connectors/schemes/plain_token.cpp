// A provider that sends the secret itself along, as GitLab does in X-Gitlab-Token.
// Nothing is signed: the secret says who sent the request, not that it came as it was sent.
#include "connectors/connector.hpp"
#include "connectors/request/body.hpp"
#include "connectors/request/event_parts.hpp"
#include "connectors/request/names.hpp"
#include "connectors/request/signature.hpp"

namespace signalbox::test {
namespace {

using namespace std::chrono_literals;

constexpr std::string_view token_header = "X-Scheme-Token";
constexpr std::string_view delivery_header = "X-Scheme-Delivery";
constexpr std::string_view event_header = "X-Scheme-Event";

Result<SignatureMatch> check_signature(SecretKeys keys, const Unverified& request) {
  const auto token = claimed_signature(request.headers, token_header);
  if (!token) return token.error();
  const auto signer = find_signer(keys, {.signatures = std::span{&*token, 1}, .parts = {}});
  if (!signer) return signer.error();
  return SignatureMatch{*signer, sha256(request.body)};
}

Result<Event> parse(const Verified& verified, ParseScratch& scratch) {
  const Unverified& request = verified.request();
  const auto delivery = plain_header(request.headers, delivery_header);
  if (!delivery) return delivery.error();
  const auto name = plain_header(request.headers, event_header);
  if (!name) return name.error();
  const auto body = read_object(request, {}, scratch);
  if (!body) return body.error();

  Event event = begin_event(verified, *delivery, *body);
  event.type = event_type(verified, snake_case(*name));
  return event;
}

std::vector<std::pair<std::string, std::string>> sign(std::string_view, std::string_view delivery,
                                                      std::string_view, std::string_view secret) {
  return {{"Content-Type", "application/json"},
          {std::string{event_header}, "push"},
          {std::string{delivery_header}, std::string{delivery}},
          {std::string{token_header}, std::string{secret}}};
}

}  // namespace

extern constinit const Connector plain_token;
constinit const Connector plain_token{.name = "plain_token",
                                      .delivery_header = delivery_header,
                                      .answer_deadline = 8s,
                                      .deduplicate_id = 24h,
                                      .deduplicate_digest = 24h,
                                      .make_key = plain_key,
                                      .check_signature = check_signature,
                                      .parse = parse,
                                      .sign = sign};

}  // namespace signalbox::test
