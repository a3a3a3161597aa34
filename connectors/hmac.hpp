// HMAC-SHA256 (RFC 2104, FIPS 198-1) with the key schedule kept, which a one-shot call computes
// anew for each message. Not thread-safe: one per thread.
#pragma once

#include <memory>
#include <string_view>

#include "event/ids.hpp"

typedef struct evp_mac_ctx_st EVP_MAC_CTX;

namespace signalbox {

class HmacSha256 {
 public:
  // The key must not be empty: anyone can compute an HMAC with an empty key.
  explicit HmacSha256(std::string_view key);

  Digest operator()(std::string_view bytes);
  // Over the concatenation, for schemes that sign more than the body.
  Digest operator()(std::initializer_list<std::string_view> parts);

 private:
  struct Free {
    void operator()(EVP_MAC_CTX* context) const noexcept;
  };
  std::unique_ptr<EVP_MAC_CTX, Free> context_;
};

// Runs in time that depends on the length only.
bool equal_in_constant_time(const Digest& a, const Digest& b) noexcept;

}  // namespace signalbox
