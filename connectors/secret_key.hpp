// What a source's secret is good for: to tell whether its holder made a request. Most providers
// sign with HMAC-SHA256; a connector of another one brings a key of its own, which is anything that
// can judge a claim: a secret that is sent along, a public key.
#pragma once

#include <memory>
#include <span>
#include <string_view>

#include "event/error.hpp"

namespace signalbox {

// What an unverified request claims.
struct Claim {
  std::span<const std::string_view> signatures;  // in the key's own form; one that is right will do
  std::span<const std::string_view> parts;       // what was signed is their concatenation
};

// One secret of a source, prepared once for many requests. Not thread-safe: one per thread.
class SecretKey {
 public:
  SecretKey() = default;
  SecretKey(const SecretKey&) = delete;
  SecretKey& operator=(const SecretKey&) = delete;
  virtual ~SecretKey() = default;

  // Whether the holder of the secret made one of the signatures. Takes a time that says nothing of
  // the secret, whatever is claimed; a signature that is empty or has another form is a wrong one
  // and no fault. Reads the parts once, however many signatures there are: the sender chooses both.
  virtual bool made(const Claim& claim) = 0;
};

using NewKey = Result<std::unique_ptr<SecretKey>>;

// HMAC-SHA256 over the parts; a signature is the 32 bytes of the MAC. invalid_argument for an empty
// secret, with which anybody can sign.
NewKey hmac_sha256_key(std::string_view secret);

// The request carries the secret itself, as X-Gitlab-Token does, so a signature is the secret and
// the parts are not looked at: who sent it is proven, not what. invalid_argument for an empty
// secret, so an empty signature is never right.
NewKey plain_key(std::string_view secret);

}  // namespace signalbox
