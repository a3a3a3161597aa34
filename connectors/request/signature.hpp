// How a connector finds out which of a source's keys made a request, and what it lets pass of
// unsigned headers. Thread-safe as far as the keys are.
#pragma once

#include <span>
#include <string_view>

#include "connectors/connector.hpp"

namespace signalbox {

inline constexpr std::size_t signatures_max = 16;  // that one request may claim

// What the header of the signature says, an empty text too, which no key takes for a signature.
// signature_missing where there is no such header, malformed_request where it occurs twice.
Result<std::string_view> claimed_signature(const Headers& headers, std::string_view name);

// Which of the keys made one of the claimed signatures: all are tried, in constant time each, and
// the first that fits is named. signature_invalid where none did, signature_malformed where more
// than `signatures_max` are claimed.
Result<std::size_t> find_signer(SecretKeys keys, const Claim& claim);

// The 32 bytes behind 64 hexadecimal digits. Providers write lower case; either case decodes to the
// same bytes, so both are taken. signature_malformed for any other text.
Result<Digest> mac_of_hex(std::string_view hex);

// Which of the keys of HMAC-SHA256 made this MAC of the body. signature_invalid where none did. The
// MAC is also the body's digest: it is a function of secret and body, so only who knows the secret
// can make another one for the same body, and a second hash over the body is saved.
Result<SignatureMatch> match_body(SecretKeys keys, std::string_view body, const Digest& claimed);

// The value of an unsigned header on its way into keys and log lines. malformed_request where it is
// missing, occurs twice, or is no plain name (names.hpp).
Result<std::string_view> plain_header(const Headers& headers, std::string_view name);

}  // namespace signalbox
