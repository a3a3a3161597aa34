#include "connectors/hmac.hpp"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/params.h>

#include <cassert>
#include <new>
#include <stdexcept>

namespace signalbox {
namespace {

// Fetched once: a fetch takes OpenSSL's global lock.
EVP_MAC* hmac_algorithm() {
  static EVP_MAC* const algorithm = EVP_MAC_fetch(nullptr, "HMAC", nullptr);
  return algorithm;
}

// Past construction only memory can run out. It must never end in a digest of our making: a sender
// could know that one.
void need(int succeeded) {
  if (succeeded != 1) throw std::bad_alloc{};
}

}  // namespace

void HmacSha256::Free::operator()(EVP_MAC_CTX* context) const noexcept {
  EVP_MAC_CTX_free(context);
}

HmacSha256::HmacSha256(std::string_view key) {
  if (key.empty()) throw std::invalid_argument("an HMAC key must not be empty");
  context_.reset(EVP_MAC_CTX_new(hmac_algorithm()));
  char digest[] = "SHA256";
  const OSSL_PARAM parameters[] = {
      OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0),
      OSSL_PARAM_construct_end()};
  const auto* bytes = reinterpret_cast<const unsigned char*>(key.data());
  if (!context_ || EVP_MAC_init(context_.get(), bytes, key.size(), parameters) != 1) {
    throw std::runtime_error("OpenSSL has no HMAC-SHA256");
  }
}

Digest HmacSha256::operator()(std::string_view bytes) { return (*this)(std::span{&bytes, 1}); }

Digest HmacSha256::operator()(std::initializer_list<std::string_view> parts) {
  return (*this)(std::span{parts.begin(), parts.size()});
}

Digest HmacSha256::operator()(std::span<const std::string_view> parts) {
  assert(context_);  // not moved from
  // Without a key the context goes back to its state behind the key: the two blocks that a key
  // costs are not hashed again.
  need(EVP_MAC_init(context_.get(), nullptr, 0, nullptr));
  for (const std::string_view part : parts) {
    const auto* data = reinterpret_cast<const unsigned char*>(part.data());
    need(EVP_MAC_update(context_.get(), data, part.size()));
  }
  Digest digest;
  std::size_t size = 0;
  need(EVP_MAC_final(context_.get(), digest.data(), &size, digest.size()));
  assert(size == digest.size());
  return digest;
}

bool equal_in_constant_time(const Digest& a, const Digest& b) noexcept {
  return CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

bool equal_in_constant_time(std::string_view a, std::string_view b) noexcept {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace signalbox
