// Why a kept delivery was refused, found out when an operator asks: the signature is tried again
// with the secrets of now, with the mistakes that people make with secrets, with what proxies make
// of bodies, and with the secrets of other sources. Pure. No secret, signature or body is in the
// result.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "gateway/config/config.hpp"
#include "gateway/hooks/refused_ring.hpp"

namespace signalbox {

struct RefusalDiagnosis {
  // Closed: not_a_signature, source_unknown, body_not_kept, no_signature, other_provider,
  // signature_malformed, secret_of_now, secret_mistake, body_changed, other_source, empty_secret,
  // no_match, too_costly.
  std::string_view cause;
  std::string text;                   // a sentence for people
  std::optional<std::size_t> secret;  // index in the source's `secrets`, from 0
  std::string origin;                 // of that secret: "env GITHUB_WEBHOOK_SECRET"
};

// A diagnosis hashes at most so many bytes, which takes some 50 ms.
inline constexpr std::size_t diagnosis_bytes_max = 32 * 1024 * 1024;

RefusalDiagnosis diagnose(const RefusedDelivery& delivery, const Config& config);

}  // namespace signalbox
