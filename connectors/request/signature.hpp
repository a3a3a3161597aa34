// What connectors that sign the raw body with HMAC-SHA256 share, and what they let pass of unsigned
// headers. Thread-safe as far as the keys are.
#pragma once

#include <span>
#include <string_view>

#include "connectors/connector.hpp"

namespace signalbox {

// The 32 bytes behind 64 hexadecimal digits. Providers write lower case; either case decodes to the
// same bytes, so both are taken. signature_malformed for any other text.
Result<Digest> mac_of_hex(std::string_view hex);

// Which of the keys made this MAC of the body: all are tried, in constant time each, and the first
// that fits is named. signature_invalid where none did. The MAC is also the body's digest: it is a
// function of secret and body, so only who knows the secret can make another one for the same body,
// and a second hash over the body is saved.
Result<SignatureMatch> match_body(std::span<HmacSha256> keys, std::string_view body,
                                  const Digest& claimed);

// The value of an unsigned header on its way into keys and log lines. malformed_request where it is
// missing, occurs twice, or is no plain name (names.hpp).
Result<std::string_view> plain_header(const Headers& headers, std::string_view name);

}  // namespace signalbox
