#include "gateway/http/proxy_protocol.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>

#include "gateway/config/address_list.hpp"

namespace signalbox {
namespace {

using namespace std::string_view_literals;
using State = ProxyHeader::State;

constexpr std::string_view line_begin = "PROXY "sv;
constexpr std::string_view line_end = "\r\n"sv;
constexpr std::string_view signature = "\r\n\r\n\0\r\nQUIT\n"sv;
constexpr std::size_t fixed_bytes = 16;  // of version 2: what stands before addresses

constexpr ProxyHeader partial{State::partial, 0, {}};
constexpr ProxyHeader malformed{State::malformed, 0, {}};

bool begins_like(std::string_view bytes, std::string_view whole) noexcept {
  const std::size_t size = std::min(bytes.size(), whole.size());
  return bytes.substr(0, size) == whole.substr(0, size);
}

std::string_view next_word(std::string_view& rest) noexcept {
  const std::size_t end = std::min(rest.find(' '), rest.size());
  const std::string_view word = rest.substr(0, end);
  rest.remove_prefix(std::min(end + 1, rest.size()));
  return word;
}

bool is_port(std::string_view text) noexcept {
  std::uint16_t port = 0;
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), port);
  return !text.empty() && failed == std::errc{} && end == text.data() + text.size();
}

// "TCP4 203.0.113.9 10.0.0.1 51000 443", or "UNKNOWN" and anything.
ProxyHeader parse_line(std::string_view line, std::size_t size) {
  const std::string_view family = next_word(line);
  if (family == "UNKNOWN") return {State::whole, size, {}};
  if (family != "TCP4" && family != "TCP6") return malformed;
  const auto from = socket_address(next_word(line));
  const auto to = socket_address(next_word(line));
  const std::string_view from_port = next_word(line);
  if (!from || !to || !is_port(from_port) || !is_port(line)) return malformed;
  // socket_address() makes an address that maps an IPv4 one that address, so TCP6 may have either.
  if (family == "TCP4" && (from->size != 4 || to->size != 4)) return malformed;
  return {State::whole, size, from};
}

ProxyHeader parse_version_1(std::string_view bytes) {
  const std::size_t end = bytes.substr(0, proxy_line_bytes_max).find(line_end);
  if (end == std::string_view::npos) {
    return bytes.size() < proxy_line_bytes_max ? partial : malformed;
  }
  return parse_line(bytes.substr(line_begin.size(), end - line_begin.size()),
                    end + line_end.size());
}

std::uint8_t byte_at(std::string_view bytes, std::size_t at) noexcept {
  return static_cast<std::uint8_t>(bytes[at]);
}

std::optional<IpAddress> address_at(std::string_view bytes, std::size_t at, std::uint8_t size) {
  IpAddress address;
  address.size = size;
  std::copy_n(bytes.begin() + static_cast<std::ptrdiff_t>(at), size, address.bytes.begin());
  constexpr std::array<std::uint8_t, 12> mapped{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
  if (size == 16 && std::equal(mapped.begin(), mapped.end(), address.bytes.begin())) {
    std::copy_n(address.bytes.begin() + mapped.size(), 4, address.bytes.begin());
    std::fill(address.bytes.begin() + 4, address.bytes.end(), std::uint8_t{0});
    address.size = 4;
  }
  return address;
}

ProxyHeader parse_version_2(std::string_view bytes) {
  if (bytes.size() < fixed_bytes) return partial;
  const std::uint8_t version = byte_at(bytes, 12) >> 4;
  const std::uint8_t command = byte_at(bytes, 12) & 0x0f;
  const std::uint8_t family = byte_at(bytes, 13) >> 4;
  const std::uint8_t transport = byte_at(bytes, 13) & 0x0f;
  const std::size_t length = std::size_t{byte_at(bytes, 14)} << 8 | byte_at(bytes, 15);
  const std::size_t size = fixed_bytes + length;
  if (version != 2 || command > 1 || family > 3 || transport > 2) return malformed;
  if (size > proxy_header_bytes_max) return malformed;
  if (bytes.size() < size) return partial;
  constexpr std::uint8_t local = 0, ipv4 = 1, ipv6 = 2, stream = 1;
  ProxyHeader header{State::whole, size, {}};
  if (command == local || family == 0 || family > ipv6 || transport != stream) return header;
  const std::uint8_t address_bytes = family == ipv4 ? 4 : 16;
  if (length < 2U * address_bytes + 4U) return malformed;  // two addresses, two ports
  header.client = address_at(bytes, fixed_bytes, address_bytes);
  return header;
}

}  // namespace

ProxyHeader parse_proxy_header(std::string_view bytes) {
  if (begins_like(bytes, signature)) {
    return bytes.size() < signature.size() ? partial : parse_version_2(bytes);
  }
  if (begins_like(bytes, line_begin)) {
    return bytes.size() < line_begin.size() ? partial : parse_version_1(bytes);
  }
  return malformed;
}

}  // namespace signalbox
