#include "rules/pattern/ip_address.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>

#include <algorithm>
#include <cassert>
#include <charconv>
#include <span>

namespace signalbox {
namespace {

constexpr std::size_t ipv4_text_max = 15;
constexpr std::string_view digits = "0123456789";
constexpr std::string_view ipv6_characters = "0123456789abcdefABCDEF:";

std::optional<IpAddress> parse_ipv4(std::string_view text) {
  if (text.size() > ipv4_text_max) return std::nullopt;
  IpAddress address;
  address.size = 4;
  for (std::size_t i = 0; i < 4; ++i) {
    const std::size_t end = std::min(text.find('.'), text.size());
    const std::string_view part = text.substr(0, end);
    if (part.empty() || part.find_first_not_of(digits) != std::string_view::npos) {
      return std::nullopt;
    }
    const auto [stop, failed] =
        std::from_chars(part.data(), part.data() + part.size(), address.bytes[i]);
    if (failed != std::errc{}) return std::nullopt;
    const bool last = end == text.size();
    if (last != (i == 3)) return std::nullopt;
    if (!last) text.remove_prefix(end + 1);
  }
  return address;
}

std::optional<IpAddress> parse_ipv6(std::string_view text) {
  constexpr std::array<std::uint8_t, 12> mapped_ipv4{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF};
  if (text.size() >= INET6_ADDRSTRLEN) return std::nullopt;
  char terminated[INET6_ADDRSTRLEN] = {};
  text.copy(terminated, text.size());
  IpAddress address;
  address.size = 16;
  if (inet_pton(AF_INET6, terminated, address.bytes.data()) != 1) return std::nullopt;
  if (!std::equal(mapped_ipv4.begin(), mapped_ipv4.end(), address.bytes.begin())) return address;
  IpAddress ipv4;
  ipv4.size = 4;
  std::copy_n(address.bytes.begin() + 12, 4, ipv4.bytes.begin());
  return ipv4;
}

Error not_a_block(std::string_view why) {
  return Error{Reason::invalid_argument, std::string{why}};
}

}  // namespace

std::optional<IpAddress> parse_ip(std::string_view text) {
  // Most strings are no address, and most of those show it in the first character.
  if (text.empty() || ipv6_characters.find(text.front()) == std::string_view::npos) {
    return std::nullopt;
  }
  if (text.find(':') == std::string_view::npos) return parse_ipv4(text);
  if (text.find_first_not_of(ipv6_characters) != std::string_view::npos) return std::nullopt;
  return parse_ipv6(text);
}

bool IpBlock::contains(const IpAddress& address) const noexcept {
  assert(prefix_bits <= first.size * 8);
  if (address.size != first.size) return false;
  const std::size_t whole = prefix_bits / 8;
  if (!std::equal(first.bytes.begin(), first.bytes.begin() + whole, address.bytes.begin())) {
    return false;
  }
  const unsigned rest = prefix_bits % 8;
  if (rest == 0) return true;
  return (first.bytes[whole] ^ address.bytes[whole]) >> (8 - rest) == 0;
}

Result<IpBlock> parse_ip_block(std::string_view text) {
  const std::size_t slash = text.find('/');
  if (slash == std::string_view::npos || text.find('/', slash + 1) != std::string_view::npos) {
    return not_a_block("needs an address, one '/' and a number of bits");
  }
  const auto address = parse_ip(text.substr(0, slash));
  if (!address) {
    return not_a_block(fmt::format("'{}' is no IP address", text.substr(0, slash)));
  }
  const std::string_view bits = text.substr(slash + 1);
  const unsigned bits_max = address->size * 8U - 1;
  unsigned value = 0;
  const auto [end, failed] = std::from_chars(bits.data(), bits.data() + bits.size(), value);
  if (failed != std::errc{} || end != bits.data() + bits.size() || value > bits_max) {
    return not_a_block(fmt::format("the number of bits must be 0 to {}, not '{}'", bits_max, bits));
  }
  return IpBlock{*address, static_cast<std::uint8_t>(value)};
}

}  // namespace signalbox
