#include "gateway/config/address.hpp"

#include <fmt/format.h>
#include <ifaddrs.h>
#include <netinet/in.h>

#include <algorithm>
#include <boost/asio/ip/address.hpp>
#include <boost/url/parse.hpp>
#include <boost/url/url_view.hpp>
#include <charconv>
#include <optional>

namespace signalbox {
namespace {

namespace ip = boost::asio::ip;

Error wrong(std::string detail) { return Error{Reason::invalid_argument, std::move(detail)}; }

std::optional<std::uint16_t> parse_port(std::string_view text) {
  std::uint16_t port = 0;
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (text.empty() || failed != std::errc{} || end != text.data() + text.size())
    return std::nullopt;
  return port;
}

Result<std::uint32_t> parse_database(std::string_view text) {
  std::uint32_t number = 0;
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (text.empty() || failed != std::errc{} || end != text.data() + text.size() ||
      number > redis_database_max) {
    return wrong("names a database that is no number from 0 to 65535");
  }
  return number;
}

Result<RedisAddress> read_unix_url(const boost::urls::url_view& url, RedisAddress address) {
  address.socket = url.path();
  if (!url.encoded_host().empty() || !address.socket.starts_with('/') ||
      address.socket.size() > socket_path_max) {
    return wrong(
        fmt::format("must name an absolute path of at most {} bytes, as "
                    "unix:///run/redis.sock",
                    socket_path_max));
  }
  for (const auto& parameter : url.params()) {
    if (parameter.key != "db") return wrong("knows the parameter db only, as ?db=2");
    const auto database = parse_database(parameter.value);
    if (!database) return database.error();
    address.database = *database;
  }
  return address;
}

Result<RedisAddress> read_tcp_url(const boost::urls::url_view& url, RedisAddress address) {
  if (url.has_query()) return wrong("must end before the '?'; the database is a path, as /2");
  address.host = url.host_address();
  if (address.host.empty()) return wrong("names no host");
  if (url.has_port()) {
    const auto digits = url.port();
    const auto port = parse_port({digits.data(), digits.size()});
    if (!port || *port == 0) return wrong("has no port from 1 to 65535");
    address.port = *port;
  }
  const std::string path = url.path();
  if (path.size() > 1) {
    const auto database = parse_database(std::string_view{path}.substr(1));
    if (!database) return database.error();
    address.database = *database;
  }
  return address;
}

}  // namespace

Result<ListenAddress> parse_listen(std::string_view text) {
  const auto colon = text.rfind(':');
  if (colon == std::string_view::npos) return wrong("must be address:port, as 127.0.0.1:8080");
  const auto port = parse_port(text.substr(colon + 1));
  if (!port) return wrong("has no port from 0 to 65535 behind its last ':'");
  std::string_view host = text.substr(0, colon);
  const bool bracketed = host.size() >= 2 && host.front() == '[' && host.back() == ']';
  if (bracketed) host = host.substr(1, host.size() - 2);
  boost::system::error_code failed;
  const ip::address address = ip::make_address(std::string{host}, failed);
  if (host.empty()) return wrong("names no address; 0.0.0.0 stands for all of IPv4, [::] for all");
  if (failed) return wrong("must be a numeric address, as 127.0.0.1:8080 or [::1]:8080");
  if (address.is_v6() != bracketed) {
    return wrong(bracketed ? "has brackets around what is no IPv6 address"
                           : "needs brackets around an IPv6 address, as [::1]:8080");
  }
  return ListenAddress{std::string{host}, *port};
}

Result<RedisAddress> parse_redis_url(std::string_view text) {
  const auto url = boost::urls::parse_uri(boost::urls::string_view{text.data(), text.size()});
  if (!url) return wrong("must be a URL like redis://127.0.0.1:6379 or unix:///run/redis.sock");
  RedisAddress address;
  address.tls = url->scheme() == "rediss";
  const bool unix_socket = url->scheme() == "unix";
  if (!address.tls && !unix_socket && url->scheme() != "redis") {
    return wrong("must start with redis://, rediss:// or unix://");
  }
  if (url->has_password()) {
    return wrong("must hold no password: write it as redis.password: {file: …} or {env: …}");
  }
  address.username = url->user();
  if (url->has_fragment()) return wrong("must end before the '#'");
  return unix_socket ? read_unix_url(*url, std::move(address))
                     : read_tcp_url(*url, std::move(address));
}

std::string local_url(const ListenAddress& listen, bool tls) {
  boost::system::error_code failed;
  ip::address address = ip::make_address(listen.host, failed);
  if (!failed && address.is_unspecified()) {
    address = address.is_v6() ? ip::address{ip::address_v6::loopback()}
                              : ip::address{ip::address_v4::loopback()};
  }
  const std::string host = failed ? listen.host : address.to_string();
  const std::string_view scheme = tls ? "https" : "http";
  return address.is_v6() ? fmt::format("{}://[{}]:{}", scheme, host, listen.port)
                         : fmt::format("{}://{}:{}", scheme, host, listen.port);
}

bool is_own_address(const std::string& host) {
  boost::system::error_code failed;
  const ip::address wanted = ip::make_address(host, failed);
  if (failed) return false;
  if (wanted.is_unspecified() || wanted.is_loopback()) return true;
  ifaddrs* first = nullptr;
  if (::getifaddrs(&first) != 0) return false;
  bool own = false;
  for (const ifaddrs* each = first; each != nullptr && !own; each = each->ifa_next) {
    const sockaddr* address = each->ifa_addr;
    if (address == nullptr) continue;
    if (address->sa_family == AF_INET && wanted.is_v4()) {
      const auto* v4 = reinterpret_cast<const sockaddr_in*>(address);
      own = wanted.to_v4().to_uint() == ntohl(v4->sin_addr.s_addr);
    } else if (address->sa_family == AF_INET6 && wanted.is_v6()) {
      const auto* v6 = reinterpret_cast<const sockaddr_in6*>(address);
      const auto bytes = wanted.to_v6().to_bytes();
      own = std::equal(bytes.begin(), bytes.end(), std::begin(v6->sin6_addr.s6_addr));
    }
  }
  ::freeifaddrs(first);
  return own;
}

}  // namespace signalbox
