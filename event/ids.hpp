// Ids and digests. Ids are derived, not drawn: the same delivery gives the same event id and the
// same messages, so a retry after a lost reply writes the same keys again (invariants E2 and M6).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>

namespace signalbox {

using Digest = std::array<std::uint8_t, 32>;

// SHA-256 (FIPS 180-4). Thread-safe.
Digest sha256(std::string_view bytes);

// SHA-256 over the parts, each with its length before it, so that ("ab","c") and ("a","bc") differ.
Digest sha256_of_parts(std::initializer_list<std::string_view> parts);
Digest sha256_of_parts(std::span<const std::string_view> parts);

// Lower-case hexadecimal.
std::string to_hex(std::span<const std::uint8_t> bytes);

// Both digits of each byte in either case; false for an odd length, another length than `out` or
// other characters. Runs in time that depends on the length only.
bool from_hex(std::string_view text, std::span<std::uint8_t> out) noexcept;

// The first 96 bits of the digest in base 62: 17 characters of [0-9A-Za-z].
std::string base62(const Digest& digest);

std::string event_id(std::string_view source, std::string_view delivery);  // "e_…"
std::string work_id(std::string_view canonical_alias);                     // "w_…"

struct MessageKey {
  std::string_view source;     // of the event; "api" for a message that a caller sent
  std::string_view delivery;   // of the event; the idempotency key for a message that a caller sent
  std::string_view rule;       // or the sender
  std::size_t send_index = 0;  // position in the rule's `send`, counted over its fan-out
  std::string_view recipient;  // the mailbox
  unsigned generation = 0;     // 0; grows with each operator's replay
};
std::string message_id(const MessageKey& key);  // "m_…"

// `count` characters of [0-9A-Za-z] from the system's random source: tokens and attempt marks.
std::string random_text(std::size_t count);

}  // namespace signalbox
