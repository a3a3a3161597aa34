// Every call of the private listener, in one table: who may make it and which query parameters it
// knows. docs/openapi.yaml describes the same; a test compares the two.
#pragma once

#include <array>
#include <span>
#include <string_view>
#include <vector>

#include "gateway/api/call.hpp"

namespace signalbox::api {

enum class Access : std::uint8_t {
  anyone,     // no token; unknown query parameters are ignored, as monitoring adds its own
  agents,     // any token
  operators,  // an operator's token
};

struct Route {
  std::string_view method;               // GET also answers HEAD
  std::array<std::string_view, 4> path;  // "*" stands for any one part; empty parts end it
  Access access = Access::agents;
  Task<Response> (*handle)(Call&) = nullptr;
  std::array<std::string_view, 10> query = {};  // parameters, ended by empty ones
};

std::span<const Route> all_routes() noexcept;

struct FoundRoute {
  const Route* route = nullptr;  // null where the path does not take the method
  std::string allowed;           // "GET, HEAD, OPTIONS"; empty where there is no such path
};
FoundRoute find_route(std::string_view method, const PathParts& parts);

// invalid_argument for a parameter that the route does not know, or that is given twice.
Result<bool> check_query(const Route& route, std::string_view target);

}  // namespace signalbox::api
