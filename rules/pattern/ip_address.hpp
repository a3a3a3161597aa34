// IP addresses and blocks of them (RFC 4632, RFC 4291), for the `cidr` operator and for strings
// that are addresses: "10.0.0.033" and "10.0.0.33" are the same one. Immutable, thread-safe.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "event/error.hpp"

namespace signalbox {

struct IpAddress {
  std::array<std::uint8_t, 16> bytes{};
  std::uint8_t size = 0;  // 4 or 16

  bool operator==(const IpAddress&) const noexcept = default;
};

// Four decimal numbers, leading zeros allowed, or an IPv6 address of hexadecimal digits and colons;
// one that maps an IPv4 address is that address. Nothing for anything else; no name is ever looked
// up.
std::optional<IpAddress> parse_ip(std::string_view text);

struct IpBlock {
  IpAddress first;
  std::uint8_t prefix_bits = 0;

  bool contains(const IpAddress& address) const noexcept;
};

// "10.0.0.0/8". The prefix has 0 to 31 bits, for IPv6 0 to 127: a block of one address is the
// address. Bits behind the prefix are ignored. invalid_argument says what is wrong.
Result<IpBlock> parse_ip_block(std::string_view text);

}  // namespace signalbox
