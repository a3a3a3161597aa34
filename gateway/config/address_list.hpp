// Lists of addresses and blocks of them, and which address a request came from. Immutable,
// thread-safe.
#pragma once

#include <sys/socket.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "event/event.hpp"
#include "rules/pattern/ip_address.hpp"

namespace signalbox {

inline constexpr std::size_t addresses_max = 1000;  // of one list
// So many hops of X-Forwarded-For are believed; what is further left is not.
inline constexpr std::size_t forwarded_hops_max = 32;

class AddressList {
 public:
  // "10.0.0.0/8", "2001:db8::/32", or one address. invalid_argument says what is wrong.
  Result<bool> add(std::string_view text);

  bool empty() const noexcept { return blocks_.empty(); }
  // An IPv4 address that came as IPv6 ("::ffff:10.0.0.1") is the IPv4 address.
  bool contains(const IpAddress& address) const noexcept;
  // As a list of clients that are served, where an empty one is of all: address_not_allowed, with
  // whom it saw. The others are client_address()'s.
  std::optional<Error> refuse(std::string_view peer, const Headers& headers,
                              const AddressList& trusted_proxies) const;

 private:
  std::vector<IpBlock> blocks_;
};

// The numeric address of a socket's end, as inet_ntop() writes it: "::ffff:10.0.0.1" is the IPv4
// address, "fe80::1%eth0" the address without its zone. Nothing for anything else.
std::optional<IpAddress> socket_address(std::string_view text);

// The same of a socket address; nothing where it is no IP address.
std::optional<IpAddress> socket_address(const sockaddr_storage& address);

// Where a request came from: the peer, unless that is a trusted proxy. Then each X-Forwarded-For,
// read from the right, as each proxy appends whom it heard from: the first that is no trusted
// proxy, or the leftmost. Nothing where what a trusted proxy was told is no address.
std::optional<IpAddress> client_address(std::string_view peer, const Headers& headers,
                                        const AddressList& trusted_proxies);

std::string to_string(const IpAddress& address);

}  // namespace signalbox
