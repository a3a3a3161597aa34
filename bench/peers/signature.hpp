// GitHub's signature, checked with OpenSSL and nothing of the gateway's: the key's schedule is kept
// from one body to the next. Not thread-safe.
#pragma once

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>

#include <array>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>

namespace signalbox::bench {

class SignatureCheck {
 public:
  // Throws std::runtime_error where OpenSSL cannot do it.
  explicit SignatureCheck(std::string_view secret) {
    const std::unique_ptr<EVP_MAC, void (*)(EVP_MAC*)> mac{EVP_MAC_fetch(nullptr, "HMAC", nullptr),
                                                           EVP_MAC_free};
    context_.reset(EVP_MAC_CTX_new(mac.get()));
    std::string digest = "SHA256";
    const std::array<OSSL_PARAM, 2> parameters{
        OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest.data(), 0),
        OSSL_PARAM_construct_end()};
    const auto* key = reinterpret_cast<const unsigned char*>(secret.data());
    if (EVP_MAC_init(context_.get(), key, secret.size(), parameters.data()) != 1)
      throw std::runtime_error("no HMAC");
  }

  // `signature` is the header's value: "sha256=" and 64 hexadecimal digits in lower case.
  bool operator()(std::string_view signature, std::string_view body) {
    constexpr std::string_view scheme = "sha256=";
    std::array<unsigned char, 32> digest;
    std::size_t size = 0;
    if (signature.size() != scheme.size() + 64 || !signature.starts_with(scheme)) return false;
    const auto* bytes = reinterpret_cast<const unsigned char*>(body.data());
    if (EVP_MAC_init(context_.get(), nullptr, 0, nullptr) != 1 ||
        EVP_MAC_update(context_.get(), bytes, body.size()) != 1 ||
        EVP_MAC_final(context_.get(), digest.data(), &size, digest.size()) != 1) {
      return false;
    }
    std::array<char, 64> expected;
    for (std::size_t i = 0; i < digest.size(); ++i) {
      constexpr std::string_view digits = "0123456789abcdef";
      expected[2 * i] = digits[digest[i] >> 4];
      expected[2 * i + 1] = digits[digest[i] & 15];
    }
    return CRYPTO_memcmp(expected.data(), signature.data() + scheme.size(), expected.size()) == 0;
  }

 private:
  struct Free {
    void operator()(EVP_MAC_CTX* context) const noexcept { EVP_MAC_CTX_free(context); }
  };
  std::unique_ptr<EVP_MAC_CTX, Free> context_;
};

}  // namespace signalbox::bench
