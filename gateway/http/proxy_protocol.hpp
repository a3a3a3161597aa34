// What a proxy says in front of a connection's own bytes: the PROXY protocol of HAProxy, versions 1
// and 2 (proxy-protocol.txt, sections 2.1 and 2.2). Pure.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

#include "rules/pattern/ip_address.hpp"

namespace signalbox {

// A line of version 1 has 107 bytes at most. Version 2 may carry up to 64 KiB of extensions, of
// which we need none; proxies in use send a few hundred bytes.
inline constexpr std::size_t proxy_line_bytes_max = 107;
inline constexpr std::size_t proxy_header_bytes_max = 2048;

struct ProxyHeader {
  enum class State : std::uint8_t { whole, partial, malformed };
  State state = State::malformed;
  std::size_t size = 0;  // bytes that it takes; of a whole one
  // Whom the proxy speaks for. Nothing where it speaks for itself (a health check), or for somebody
  // without an IP address.
  std::optional<IpAddress> client;
};

// Looks at the first bytes of a connection. `partial` for what may become a header.
ProxyHeader parse_proxy_header(std::string_view bytes);

}  // namespace signalbox
