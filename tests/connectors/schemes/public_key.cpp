// A provider that signs with a private key, as Discord does with Ed25519. The secret of a source is
// the provider's public key in 64 hexadecimal digits. Signed are the time and the body.
// https://discord.com/developers/docs/interactions/overview#validating-security-request-headers
#include <openssl/evp.h>

#include "connectors/connector.hpp"
#include "connectors/request/body.hpp"
#include "connectors/request/event_parts.hpp"
#include "connectors/request/names.hpp"
#include "connectors/request/signature.hpp"

namespace signalbox::test {
namespace {

using namespace std::chrono_literals;

constexpr std::string_view signature_header = "X-Signature-Ed25519";
constexpr std::string_view time_header = "X-Signature-Timestamp";
constexpr std::string_view delivery_header = "X-Delivery";

using Bytes32 = std::array<std::uint8_t, 32>;
using Bytes64 = std::array<std::uint8_t, 64>;

struct Free {
  void operator()(EVP_PKEY* key) const noexcept { EVP_PKEY_free(key); }
  void operator()(EVP_MD_CTX* context) const noexcept { EVP_MD_CTX_free(context); }
};
using Pkey = std::unique_ptr<EVP_PKEY, Free>;
using Context = std::unique_ptr<EVP_MD_CTX, Free>;

const unsigned char* bytes_of(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

class PublicKey final : public SecretKey {
 public:
  explicit PublicKey(const Bytes32& key)
      : key_{EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, key.data(), key.size())} {}

  bool made(const Claim& claim) override {
    std::string text;
    for (const std::string_view part : claim.parts) text += part;
    bool made = false;
    for (const std::string_view signature : claim.signatures) {
      const Context context{EVP_MD_CTX_new()};
      EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, key_.get());
      made |= EVP_DigestVerify(context.get(), bytes_of(signature), signature.size(), bytes_of(text),
                               text.size()) == 1;
    }
    return made;
  }

 private:
  Pkey key_;
};

NewKey make_key(std::string_view secret) {
  Bytes32 key;
  if (!from_hex(secret, key)) {
    return Error{Reason::invalid_argument, "it must be a public key of 64 hexadecimal digits"};
  }
  return std::unique_ptr<SecretKey>{std::make_unique<PublicKey>(key)};
}

SecretPair invent_secret() {
  const Digest seed = sha256(random_text(32));
  const Pkey key{EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr, seed.data(), seed.size())};
  Bytes32 open;
  std::size_t size = open.size();
  EVP_PKEY_get_raw_public_key(key.get(), open.data(), &size);
  return {.signing = to_hex(seed), .checking = to_hex(open)};
}

Result<SignatureMatch> check_signature(SecretKeys keys, const Unverified& request) {
  const auto header = claimed_signature(request.headers, signature_header);
  if (!header) return header.error();
  const auto time = plain_header(request.headers, time_header);
  if (!time) return time.error();
  Bytes64 bytes;
  if (!from_hex(*header, bytes)) {
    return Error{Reason::signature_malformed, "the signature is not 128 hexadecimal digits"};
  }
  const std::string_view signature{reinterpret_cast<const char*>(bytes.data()), bytes.size()};
  const std::array<std::string_view, 2> parts{*time, request.body};
  const auto signer = find_signer(keys, {.signatures = std::span{&signature, 1}, .parts = parts});
  if (!signer) return signer.error();
  return SignatureMatch{*signer, sha256(request.body)};
}

Result<Event> parse(const Verified& verified, ParseScratch& scratch) {
  const auto delivery = plain_header(verified.request().headers, delivery_header);
  if (!delivery) return delivery.error();
  const auto body = read_object(verified.request(), {}, scratch);
  if (!body) return body.error();

  Event event = begin_event(verified, *delivery, *body);
  event.type = event_type(verified, snake_case((*body)["type"].string_or("unknown")));
  return event;
}

std::vector<std::pair<std::string, std::string>> sign(std::string_view, std::string_view delivery,
                                                      std::string_view body,
                                                      std::string_view secret) {
  constexpr std::string_view time = "1767600000";
  Bytes32 seed{};
  from_hex(secret, seed);
  const Pkey key{EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr, seed.data(), seed.size())};
  const std::string text = std::string{time}.append(body);
  Bytes64 signature;
  std::size_t size = signature.size();
  const Context context{EVP_MD_CTX_new()};
  EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, key.get());
  EVP_DigestSign(context.get(), signature.data(), &size, bytes_of(text), text.size());
  return {{"Content-Type", "application/json"},
          {std::string{delivery_header}, std::string{delivery}},
          {std::string{time_header}, std::string{time}},
          {std::string{signature_header}, to_hex(signature)}};
}

}  // namespace

extern constinit const Connector public_key;
constinit const Connector public_key{.name = "public_key",
                                     .delivery_header = delivery_header,
                                     .answer_deadline = 2s,
                                     .deduplicate_id = 24h,
                                     .deduplicate_digest = 24h,
                                     .make_key = make_key,
                                     .invent_secret = invent_secret,
                                     .check_signature = check_signature,
                                     .parse = parse,
                                     .sign = sign};

}  // namespace signalbox::test
