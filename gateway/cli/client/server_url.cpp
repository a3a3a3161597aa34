// Addresses of servers as people give them, and what must not go to one.
#include <fmt/format.h>

#include <boost/url/encode.hpp>
#include <boost/url/parse.hpp>
#include <boost/url/rfc/unreserved_chars.hpp>
#include <boost/url/url_view.hpp>

#include "gateway/cli/client/http_client.hpp"
#include "gateway/cli/screen/terminal.hpp"

namespace signalbox {

CommandResult<BaseUrl> parse_base_url(const std::string& text) {
  const auto wrong = [&](std::string_view what) {
    return usage_failure(fmt::format("'{}' {}", text, what));
  };
  const auto url = boost::urls::parse_uri(boost::urls::string_view{text.data(), text.size()});
  if (!url) return wrong("is no URL like http://127.0.0.1:8081");
  if (url->scheme() != "http" && url->scheme() != "https") {
    return wrong("must start with http:// or https://");
  }
  if (url->has_userinfo()) {
    return usage_failure("a server's URL must not hold credentials");
  }
  if (url->has_query() || url->has_fragment()) return wrong("must end after the path");
  BaseUrl base;
  base.host = url->host_address();
  if (base.host.empty()) return wrong("names no host");
  base.tls = url->scheme() == "https";
  base.port = url->has_port() ? std::string{url->port()} : base.tls ? "443" : "80";
  base.prefix = std::string{url->encoded_path()};
  while (base.prefix.ends_with('/')) base.prefix.pop_back();
  return base;
}

std::string authority_of(const BaseUrl& server) {
  const bool v6 = server.host.find(':') != std::string::npos;
  return v6 ? fmt::format("[{}]:{}", server.host, server.port)
            : fmt::format("{}:{}", server.host, server.port);
}

std::string url_encode(std::string_view text) {
  return boost::urls::encode({text.data(), text.size()}, boost::urls::unreserved_chars);
}

std::optional<Failure> refuse_headers(const HttpCall& call) {
  for (const auto& [name, value] : call.headers) {
    // A line break would end the header and start one of its own.
    if (printable(value) == value) continue;
    return usage_failure(fmt::format("the value of {} holds control characters", name));
  }
  return std::nullopt;
}

}  // namespace signalbox
