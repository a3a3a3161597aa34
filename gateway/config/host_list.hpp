// The names that a listener may be called by: the Host of a request. A page that a browser has open
// can have its own name mean this machine (DNS rebinding) and so read what a listener shows without
// a token; it cannot make the browser say another name than its own. Immutable, thread-safe.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "event/error.hpp"

namespace signalbox {

inline constexpr std::size_t hosts_max = 100;            // of one list
inline constexpr std::size_t host_name_chars_max = 255;  // RFC 1035, section 2.3.4

// The host of "host", "host:port", "10.0.0.1:80", "[::1]:80", without port and brackets. Nothing
// where the text is no host with or without a port (RFC 9110, section 7.2), is empty or too long.
std::optional<std::string_view> host_of(std::string_view authority) noexcept;

class HostList {
 public:
  // "signalbox.example.com"; "*.example.com" for every name below it; "*" for any. invalid_argument
  // says what is wrong.
  Result<bool> add(std::string_view name);

  // Beside the names of the list these are always good, since nobody outside can have a page under
  // them: IP addresses, localhost and what is below it, names without a dot, as containers and pods
  // call each other.
  bool contains(std::string_view host) const;

 private:
  std::vector<std::string> names_;  // in lower case, without the last dot
};

// What this machine is called; empty where it does not say.
std::string own_host_name();

}  // namespace signalbox
