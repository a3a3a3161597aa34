#include "gateway/api/route_table.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "gateway/api/routes.hpp"

namespace signalbox::api {
namespace {

using enum Access;

constexpr std::array routes{
    Route{"GET", {"livez"}, anyone, show_life},
    Route{"GET", {"readyz"}, anyone, show_readiness, {"verbose"}},
    Route{"GET", {"metrics"}, anyone, show_metrics},
    Route{"GET", {"openapi.yaml"}, anyone, show_openapi},
    Route{"GET", {"v1", "inbox"}, agents, peek_inbox, {"agent", "max"}},
    Route{"POST", {"v1", "inbox", "receive"}, agents, receive_messages, {"agent"}},
    Route{"POST", {"v1", "inbox", "ack"}, agents, acknowledge_messages, {"agent"}},
    Route{"POST", {"v1", "inbox", "nack"}, agents, give_back_messages, {"agent"}},
    Route{"POST", {"v1", "inbox", "extend"}, agents, extend_messages, {"agent"}},
    Route{"GET", {"v1", "inbox", "dead"}, agents, peek_dead_letters, {"agent", "max"}},
    Route{"POST", {"v1", "inbox", "redrive"}, agents, redrive_dead_letters, {"agent"}},
    Route{"POST", {"v1", "messages"}, agents, send_message, {"namespace"}},
    Route{"GET", {"v1", "messages", "*"}, agents, show_message, {"agent"}},
    Route{"GET",
          {"v1", "events"},
          operators,
          list_events,
          {"source", "type", "status", "rule", "work", "since", "until", "max", "cursor",
           "namespace"}},
    Route{"GET", {"v1", "events", "*"}, agents, show_event, {"namespace"}},
    Route{"GET", {"v1", "events", "*", "explain"}, agents, explain_event, {"rule", "namespace"}},
    Route{"POST", {"v1", "events", "*", "replay"}, operators, replay_event, {"namespace"}},
    Route{"GET", {"v1", "refused"}, operators, list_refused, {"delivery", "max"}},
    Route{"GET", {"v1", "rules"}, operators, list_rules},
    Route{"POST", {"v1", "rules", "check"}, operators, check_rules},
    Route{"POST", {"v1", "rules", "simulate"}, operators, simulate_rules},
};

bool matches(const Route& route, const PathParts& parts) {
  std::size_t length = 0;
  while (length < route.path.size() && !route.path[length].empty()) ++length;
  if (parts.size() != length) return false;
  for (std::size_t i = 0; i < length; ++i) {
    if (route.path[i] != "*" && route.path[i] != parts[i]) return false;
  }
  return true;
}

}  // namespace

std::span<const Route> all_routes() noexcept { return routes; }

FoundRoute find_route(std::string_view method, const PathParts& parts) {
  FoundRoute found;
  if (method == "HEAD") method = "GET";
  for (const Route& candidate : routes) {
    if (!matches(candidate, parts)) continue;
    found.allowed.append(candidate.method).append(candidate.method == "GET" ? ", HEAD, " : ", ");
    if (candidate.method == method) found.route = &candidate;
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
