#include "gateway/config/address_list.hpp"

#include <arpa/inet.h>

#include <boost/asio/ip/address.hpp>

#include <netinet/in.h>

#include <algorithm>
#include <cstring>
#include <ranges>

namespace signalbox {
namespace {

constexpr std::string_view blank = " \t";

// As proxies write them, which is more than sockets do: "10.0.0.1:4711", "[2001:db8::1]:4711".
std::optional<IpAddress> written_address(std::string_view text) {
  if (text.starts_with('[')) {
    const std::size_t end = text.find(']');
    if (end == std::string_view::npos) return std::nullopt;
    text = text.substr(1, end - 1);
  } else if (std::ranges::count(text, ':') == 1) {
    text = text.substr(0, text.find(':'));
  }
  return socket_address(text);
}

// All X-Forwarded-For headers as one list, the nearest hop first.
std::vector<std::string_view> forwarded_hops(const Headers& headers) {
  std::vector<std::string_view> hops;
  for (const auto& [name, value] : std::views::reverse(headers.fields())) {
    if (!iequals(name, "X-Forwarded-For")) continue;
    std::string_view rest = value;
    while (hops.size() < forwarded_hops_max) {
      const std::size_t comma = rest.rfind(',');
      std::string_view hop = comma == std::string_view::npos ? rest : rest.substr(comma + 1);
      hop.remove_prefix(std::min(hop.find_first_not_of(blank), hop.size()));
      hops.push_back(hop.substr(0, hop.find_last_not_of(blank) + 1));
      if (comma == std::string_view::npos) break;
      rest = rest.substr(0, comma);
    }
  }
  return hops;
}

}  // namespace

std::optional<IpAddress> socket_address(std::string_view text) {
  boost::system::error_code failed;
  auto address = boost::asio::ip::make_address(text, failed);
  if (failed) return std::nullopt;
  if (address.is_v6() && address.to_v6().is_v4_mapped()) {
    address = boost::asio::ip::make_address_v4(boost::asio::ip::v4_mapped, address.to_v6());
  }
  IpAddress out;
  const auto copy = [&out](const auto& bytes) {
    std::ranges::copy(bytes, out.bytes.begin());
    out.size = static_cast<std::uint8_t>(bytes.size());
  };
  if (address.is_v4()) {
    copy(address.to_v4().to_bytes());
  } else {
    copy(address.to_v6().to_bytes());
  }
  return out;
}

std::optional<IpAddress> socket_address(const sockaddr_storage& address) {
  IpAddress out;
  if (address.ss_family == AF_INET) {
    out.size = 4;
    std::memcpy(out.bytes.data(), &reinterpret_cast<const sockaddr_in&>(address).sin_addr, 4);
    return out;
  }
  if (address.ss_family != AF_INET6) return std::nullopt;
  const in6_addr& inside = reinterpret_cast<const sockaddr_in6&>(address).sin6_addr;
  const bool mapped = IN6_IS_ADDR_V4MAPPED(&inside);
  out.size = mapped ? 4 : 16;
  std::memcpy(out.bytes.data(), inside.s6_addr + (mapped ? 12 : 0), out.size);
  return out;
}

Result<bool> AddressList::add(std::string_view text) {
  if (text.ends_with("/32") && text.find(':') == std::string_view::npos) text.remove_suffix(3);
  if (text.ends_with("/128")) text.remove_suffix(4);
  if (text.find('/') != std::string_view::npos) {
    auto block = parse_ip_block(text);
    if (!block) {
      return Error{Reason::invalid_argument,
                   "needs an IP address or a block, as 10.0.0.0/8, of 0 to 32 bits (IPv6: 128)"};
    }
    blocks_.push_back(*block);
    return true;
  }
  const auto address = parse_ip(text);
  if (!address) {
    return Error{Reason::invalid_argument, "needs an IP address or a block, as 10.0.0.0/8"};
  }
  blocks_.push_back({*address, static_cast<std::uint8_t>(address->size * 8)});
  return true;
}

bool AddressList::contains(const IpAddress& address) const noexcept {
  return std::ranges::any_of(blocks_,
                             [&](const IpBlock& block) { return block.contains(address); });
}

std::optional<Error> AddressList::refuse(std::string_view peer, const Headers& headers,
                                         const AddressList& trusted_proxies) const {
  if (empty()) return std::nullopt;
  const auto client = client_address(peer, headers, trusted_proxies);
  if (client && contains(*client)) return std::nullopt;
  if (!client) {
    return Error{Reason::address_not_allowed, "what a trusted proxy passed on is no address"};
  }
  std::string detail = to_string(*client) + " is not in allow_ips";
  if (trusted_proxies.contains(*client)) {
    detail += "; it is a trusted proxy that named nobody: have it set X-Forwarded-For";
  }
  return Error{Reason::address_not_allowed, std::move(detail)};
}

std::optional<IpAddress> client_address(std::string_view peer, const Headers& headers,
                                        const AddressList& trusted_proxies) {
  auto client = written_address(peer);
  if (!client || !trusted_proxies.contains(*client)) return client;
  for (const std::string_view hop : forwarded_hops(headers)) {
    client = written_address(hop);
    if (!client || !trusted_proxies.contains(*client)) return client;
  }
  return client;
}

std::string to_string(const IpAddress& address) {
  char text[INET6_ADDRSTRLEN] = {};
  const int family = address.size == 4 ? AF_INET : AF_INET6;
  return inet_ntop(family, address.bytes.data(), text, sizeof text) == nullptr ? "" : text;
}

}  // namespace signalbox
