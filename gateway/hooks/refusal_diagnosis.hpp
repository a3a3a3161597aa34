// Why a kept delivery was refused, told to operators: with the source's keys the signature is tried
// again as the usual mistakes would have made it, and of any other reason is said what is wrong and
// what to do. Nothing here accepts anything, and neither a secret nor a body is in what it returns.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "gateway/config/config.hpp"
#include "gateway/hooks/refused_ring.hpp"

namespace signalbox {

struct RefusalDiagnosis {
  // Closed: not_a_signature, source_unknown, body_not_kept, no_signature, sha1_only,
  // other_provider, signature_malformed, secret_of_now, secret_mistake, body_changed, other_source,
  // empty_secret, no_match, too_costly.
  std::string_view cause;
  std::string text;                   // a sentence for people: what is wrong, and what to do
  std::optional<std::size_t> secret;  // index in the source's `secrets`, from 0
  std::string origin;                 // of that secret: "env GITHUB_WEBHOOK_SECRET"
  // What is wrong: header, body, secret, source, address, clock or gateway. Empty: not known.
  std::string_view wrong;
};

// A diagnosis hashes at most so many bytes, which takes some 50 ms.
inline constexpr std::size_t diagnosis_bytes_max = 32 * 1024 * 1024;

RefusalDiagnosis diagnose(const RefusedDelivery& delivery, const Config& config);

}  // namespace signalbox
