// The calls of the private listener: who may make each and which query parameters it knows.
//
// A call is a handler and its row in one file of this folder, and its description in
// docs/openapi.yaml, which is also the list of the rows: an operation `listTopics` there is the row
// `list_topics_route` here (openapi.cmake). Tests compare the two, and docs/API.md with them.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "gateway/api/call.hpp"

namespace signalbox::api {

enum class Access : std::uint8_t {
  anyone,      // no token; unknown query parameters are ignored, as monitoring adds its own
  monitoring,  // the same, until tokens of monitoring are configured: then one of them or of an
               // operator
  agents,      // a token of an agent or an operator
  operators,   // an operator's token
};

// What a call does, for tokens that may only read.
enum class Effect : std::uint8_t {
  by_method,       // GET reads, anything else changes
  none,            // a dry run
  unless_dry_run,  // as its body says: the handler asks refuse_change()
};

struct Route {
  std::string_view method;               // GET also answers HEAD
  std::array<std::string_view, 4> path;  // "*" stands for any one part; empty parts end it
  Access access = Access::agents;
  Effect effect = Effect::by_method;
  std::array<std::string_view, 12> query = {};  // parameters, ended by empty ones
  Task<Response> (*handle)(Call&) = nullptr;
};

// They stand in the order of docs/openapi.yaml.
std::span<const Route* const> all_routes() noexcept;

struct FoundRoute {
  const Route* route = nullptr;  // null where the path does not take the method
  std::string allowed;           // "GET, HEAD, OPTIONS"; empty where there is no such path
};
FoundRoute find_route(std::string_view method, const PathParts& parts);

// invalid_argument for a parameter that the route does not know, or that is given twice.
Result<bool> check_query(const Route& route, std::string_view target);

}  // namespace signalbox::api
