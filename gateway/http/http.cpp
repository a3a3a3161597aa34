#include "gateway/http/http.hpp"

#include <boost/url/parse.hpp>
#include <boost/url/url_view.hpp>

#include <poll.h>

namespace signalbox {

PathParts path_parts(std::string_view target) {
  std::string_view path = target.substr(0, target.find_first_of("?#"));
  PathParts parts;
  while (!path.empty()) {
    const std::size_t slash = path.find('/');
    const std::string_view part = path.substr(0, slash);
    if (!part.empty() && parts.size() < path_parts_max) parts.push_back(part);
    if (slash == std::string_view::npos) break;
    path.remove_prefix(slash + 1);
  }
  return parts;
}

std::optional<std::string> query_parameter(std::string_view target, std::string_view name) {
  const std::size_t mark = target.find('?');
  if (mark == std::string_view::npos) return std::nullopt;
  // Only the query is parsed: paths are normalised by path_parts, which forgives what a URL parser
  // does not.
  const std::string query_only = "/" + std::string{target.substr(mark)};
  const auto url = boost::urls::parse_origin_form(query_only);
  if (!url) return std::nullopt;
  for (const auto& parameter : url->params()) {
    if (parameter.key == name) return std::string{parameter.value};
  }
  return std::nullopt;
}

std::optional<std::vector<std::string>> query_names(std::string_view target) {
  std::vector<std::string> names;
  const std::size_t mark = target.find('?');
  if (mark == std::string_view::npos || mark + 1 == target.size()) return names;
  const std::string query_only = "/" + std::string{target.substr(mark)};
  const auto url = boost::urls::parse_origin_form(query_only);
  if (!url) return std::nullopt;
  for (const auto& parameter : url->params()) names.emplace_back(parameter.key);
  return names;
}

bool peer_gone(const Request& request) noexcept {
  pollfd end{request.socket, POLLRDHUP, 0};
  return ::poll(&end, 1, 0) > 0;
}

}  // namespace signalbox
