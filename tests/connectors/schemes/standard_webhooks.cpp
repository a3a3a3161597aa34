// Standard Webhooks. https://github.com/standard-webhooks/standard-webhooks
// A secret is "whsec_" and base64. Signed are "<id>.<seconds>.<body>"; Webhook-Signature is a list
// of signatures, "v1," and base64 each, with blanks between, of which one has to be right.
#include <fmt/format.h>
#include <openssl/evp.h>

#include <charconv>

#include "connectors/connector.hpp"
#include "connectors/hmac.hpp"
#include "connectors/request/body.hpp"
#include "connectors/request/event_parts.hpp"
#include "connectors/request/freshness.hpp"
#include "connectors/request/names.hpp"
#include "connectors/request/signature.hpp"

namespace signalbox::test {
namespace {

using namespace std::chrono_literals;

constexpr std::string_view id_header = "Webhook-Id";
constexpr std::string_view time_header = "Webhook-Timestamp";
constexpr std::string_view signature_header = "Webhook-Signature";
constexpr std::string_view secret_prefix = "whsec_";

std::optional<std::string> from_base64(std::string_view text) {
  const std::size_t padding = text.ends_with("==") ? 2 : text.ends_with('=') ? 1 : 0;
  if (text.size() % 4 != 0 || text.size() < 4) return std::nullopt;
  std::string out(text.size() / 4 * 3, '\0');
  if (EVP_DecodeBlock(reinterpret_cast<unsigned char*>(out.data()),
                      reinterpret_cast<const unsigned char*>(text.data()),
                      static_cast<int>(text.size())) < 0) {
    return std::nullopt;
  }
  out.resize(out.size() - padding);
  return out;
}

std::string to_base64(std::string_view bytes) {
  std::string out((bytes.size() + 2) / 3 * 4 + 1, '\0');
  out.resize(static_cast<std::size_t>(EVP_EncodeBlock(
      reinterpret_cast<unsigned char*>(out.data()),
      reinterpret_cast<const unsigned char*>(bytes.data()), static_cast<int>(bytes.size()))));
  return out;
}

std::optional<std::string> bytes_of(std::string_view secret) {
  if (secret.starts_with(secret_prefix)) secret.remove_prefix(secret_prefix.size());
  return from_base64(secret);
}

NewKey make_key(std::string_view secret) {
  const auto bytes = bytes_of(secret);
  if (!bytes) return Error{Reason::invalid_argument, "it must be 'whsec_' and base64"};
  return hmac_sha256_key(*bytes);
}

SecretPair invent_secret() {
  const std::string secret = fmt::format("{}{}", secret_prefix, to_base64(random_text(24)));
  return {secret, secret};
}

Result<SignatureMatch> check_signature(SecretKeys keys, const Unverified& request) {
  const auto header = claimed_signature(request.headers, signature_header);
  if (!header) return header.error();
  const auto id = plain_header(request.headers, id_header);
  if (!id) return id.error();
  const auto seconds = plain_header(request.headers, time_header);
  if (!seconds) return seconds.error();
  std::vector<std::string> macs;
  for (std::string_view rest = *header; !rest.empty() && macs.size() <= signatures_max;) {
    const std::string_view one = rest.substr(0, rest.find(' '));
    rest.remove_prefix(std::min(one.size() + 1, rest.size()));
    if (!one.starts_with("v1,")) continue;
    if (auto mac = from_base64(one.substr(3))) macs.push_back(*std::move(mac));
  }
  const std::vector<std::string_view> signatures(macs.begin(), macs.end());
  const std::array<std::string_view, 5> parts{*id, ".", *seconds, ".", request.body};
  const auto signer = find_signer(keys, {.signatures = signatures, .parts = parts});
  if (!signer) return signer.error();
  return SignatureMatch{*signer, sha256(request.body)};
}

Result<Event> parse(const Verified& verified, ParseScratch& scratch) {
  const Unverified& request = verified.request();
  const auto delivery = plain_header(request.headers, id_header);
  if (!delivery) return delivery.error();
  const auto sent = request.headers.find(time_header)->value_or("");
  std::int64_t seconds = 0;
  const auto [end, failed] = std::from_chars(sent.data(), sent.data() + sent.size(), seconds);
  if (failed != std::errc{} || end != sent.data() + sent.size()) {
    return Error{Reason::malformed_request, "Webhook-Timestamp is no number of seconds"};
  }
  if (auto stale = freshness_error(verified, Time{std::chrono::seconds{seconds}})) {
    return *std::move(stale);
  }
  const auto body = read_object(request, {}, scratch);
  if (!body) return body.error();

  Event event = begin_event(verified, *delivery, *body);
  event.type = event_type(verified, snake_case((*body)["type"].string_or("unknown")));
  return event;
}

std::vector<std::pair<std::string, std::string>> sign(std::string_view, std::string_view delivery,
                                                      std::string_view body,
                                                      std::string_view secret) {
  constexpr std::string_view seconds = "1767600000";
  HmacSha256 hmac{bytes_of(secret).value_or("no base64")};
  const Digest mac = hmac({delivery, ".", seconds, ".", body});
  const std::string_view bytes{reinterpret_cast<const char*>(mac.data()), mac.size()};
  return {{"Content-Type", "application/json"},
          {std::string{id_header}, std::string{delivery}},
          {std::string{time_header}, std::string{seconds}},
          {std::string{signature_header}, fmt::format("v1,{}", to_base64(bytes))}};
}

}  // namespace

extern constinit const Connector standard_webhooks;
constinit const Connector standard_webhooks{.name = "standardwebhooks",
                                            .delivery_header = id_header,
                                            .answer_deadline = 8s,
                                            .deduplicate_id = 72h,
                                            .deduplicate_digest = 72h,
                                            .signs_time = true,
                                            .make_key = make_key,
                                            .invent_secret = invent_secret,
                                            .check_signature = check_signature,
                                            .parse = parse,
                                            .sign = sign};

}  // namespace signalbox::test
