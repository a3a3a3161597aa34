#include "connectors/secret_key.hpp"

#include "connectors/hmac.hpp"

namespace signalbox {
namespace {

const Error empty_secret{Reason::invalid_argument, "it must not be empty"};

class HmacKey final : public SecretKey {
 public:
  explicit HmacKey(std::string_view secret) : hmac_{secret} {}

  bool made(const Claim& claim) override {
    const Digest mac = hmac_(claim.parts);
    const std::string_view own{reinterpret_cast<const char*>(mac.data()), mac.size()};
    bool made = false;
    for (const std::string_view signature : claim.signatures) {
      made |= equal_in_constant_time(signature, own);
    }
    return made;
  }

 private:
  HmacSha256 hmac_;
};

// Keeps and compares digests: the time then does not tell the secret's length either.
class PlainKey final : public SecretKey {
 public:
  explicit PlainKey(std::string_view secret) : digest_{sha256(secret)} {}

  bool made(const Claim& claim) override {
    bool made = false;
    for (const std::string_view signature : claim.signatures) {
      made |= equal_in_constant_time(sha256(signature), digest_);
    }
    return made;
  }

 private:
  Digest digest_;
};

template <class Key>
NewKey key_of(std::string_view secret) {
  if (secret.empty()) return empty_secret;
  return std::unique_ptr<SecretKey>{std::make_unique<Key>(secret)};
}

}  // namespace

NewKey hmac_sha256_key(std::string_view secret) { return key_of<HmacKey>(secret); }
NewKey plain_key(std::string_view secret) { return key_of<PlainKey>(secret); }

}  // namespace signalbox
