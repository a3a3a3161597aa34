// HMAC-SHA256 (RFC 2104, FIPS 198-1) with the key schedule kept, which a one-shot call computes
// anew for each message. Not thread-safe: one per thread.
#pragma once

#include <initializer_list>
#include <memory>
#include <span>
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
  Digest operator()(std::span<const std::string_view> parts);
  Digest operator()(std::initializer_list<std::string_view> parts);

 private:
  struct Free {
    void operator()(EVP_MAC_CTX* context) const noexcept;
  };
  std::unique_ptr<EVP_MAC_CTX, Free> context_;
};

// Run in time that depends on the lengths only.
bool equal_in_constant_time(const Digest& a, const Digest& b) noexcept;
bool equal_in_constant_time(std::string_view a, std::string_view b) noexcept;

}  // namespace signalbox
