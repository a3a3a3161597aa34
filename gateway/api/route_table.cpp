#include "gateway/api/route_table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cassert>

namespace signalbox::api {
namespace {

constexpr std::size_t parameter_shown_max = 15;  // a token has 16 characters or more

bool matches(const Route& route, const PathParts& parts) {
  std::size_t length = 0;
  while (length < route.path.size() && !route.path[length].empty()) ++length;
  assert(length > 0);
  if (parts.size() != length) return false;
  for (std::size_t i = 0; i < length; ++i) {
    if (route.path[i] != "*" && route.path[i] != parts[i]) return false;
  }
  return true;
}

}  // namespace

FoundRoute find_route(std::string_view method, const PathParts& parts) {
  FoundRoute found;
  if (method == "HEAD") method = "GET";
  for (const Route* route : all_routes()) {
    if (!matches(*route, parts)) continue;
    found.allowed.append(route->method).append(route->method == "GET" ? ", HEAD, " : ", ");
    if (route->method == method) found.route = route;
  }
  if (!found.allowed.empty()) found.allowed += "OPTIONS";
  return found;
}

Result<bool> check_query(const Route& route, std::string_view target) {
  const auto given = query_names(target);
  if (!given) return Error{Reason::invalid_argument, "the query is malformed"};
  const auto known_end = std::find(route.query.begin(), route.query.end(), std::string_view{});
  const std::span<const std::string_view> known{route.query.begin(), known_end};
  for (auto name = given->begin(); name != given->end(); ++name) {
    if (name->size() > parameter_shown_max) {
      return Error{Reason::invalid_argument, "a parameter's name is too long to be one"};
    }
    if (std::find(known.begin(), known.end(), *name) == known.end()) {
      return Error{Reason::invalid_argument,
                   fmt::format("unknown parameter '{}'{}", *name, did_you_mean(*name, known))};
    }
    if (std::find(given->begin(), name, *name) != name) {
      return Error{Reason::invalid_argument, fmt::format("'{}' is given twice", *name)};
    }
  }
  return true;
}

}  // namespace signalbox::api
