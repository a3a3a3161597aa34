#include "gateway/config/host_list.hpp"

#include <unistd.h>

#include <algorithm>
#include <array>

#include <boost/asio/ip/address.hpp>

#include "event/ascii.hpp"

namespace signalbox {
namespace {

bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }

// Letters, digits, and what stands between them. RFC 3986 has more, which no name in use has.
bool is_name(std::string_view text) noexcept {
  const auto plain = [](char c) {
    const char lower = ascii_lower(c);
    return (lower >= 'a' && lower <= 'z') || is_digit(c) || c == '-' || c == '.' || c == '_';
  };
  return !text.empty() && text.size() <= host_name_chars_max && text.front() != '.' &&
         std::ranges::all_of(text, plain);
}

bool is_port_number(std::string_view text) noexcept {
  constexpr std::size_t digits = 5;
  unsigned port = 0;
  for (const char c : text) port = is_digit(c) ? port * 10 + static_cast<unsigned>(c - '0') : 65536;
  return text.size() <= digits && port <= 65535;
}

bool is_address(std::string_view text) noexcept {
  boost::system::error_code failed;
  boost::asio::ip::make_address(text, failed);
  return !failed;
}

std::string plain(std::string_view name) {
  if (name.ends_with('.')) name.remove_suffix(1);
  return ascii_lower(name);
}

}  // namespace

std::optional<std::string_view> host_of(std::string_view authority) noexcept {
  std::string_view host = authority;
  std::string_view rest;
  if (authority.starts_with('[')) {
    const std::size_t end = authority.find(']');
    if (end == std::string_view::npos) return std::nullopt;
    host = authority.substr(1, end - 1);
    rest = authority.substr(end + 1);
    if (host.find(':') == std::string_view::npos || !is_address(host)) return std::nullopt;
  } else {
    host = authority.substr(0, authority.find(':'));
    rest = authority.substr(host.size());
    if (!is_name(host)) return std::nullopt;
  }
  const bool port = rest.empty() || (rest.front() == ':' && is_port_number(rest.substr(1)));
  return port ? std::optional{host} : std::nullopt;
}

Result<bool> HostList::add(std::string_view name) {
  const std::string_view rest = name.starts_with("*.") ? name.substr(2) : name;
  if (name != "*" && !is_name(rest)) {
    return Error{Reason::invalid_argument,
                 "needs a host name without port, as signalbox.example.com or *.example.com"};
  }
  names_.push_back(plain(name));
  return true;
}

bool HostList::contains(std::string_view host) const {
  const std::string name = plain(host);
  if (name.find('.') == std::string::npos || name.ends_with(".localhost") || is_address(name)) {
    return true;
  }
  return std::ranges::any_of(names_, [&](const std::string& known) {
    const bool any_below =
        known.starts_with('*') && name.ends_with(std::string_view{known}.substr(1));
    return any_below || name == known;
  });
}

std::string own_host_name() {
  std::array<char, host_name_chars_max + 1> name{};
  return ::gethostname(name.data(), name.size() - 1) == 0 ? name.data() : "";
}

}  // namespace signalbox
