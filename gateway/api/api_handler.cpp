#include "gateway/api/api_handler.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "gateway/api/routes.hpp"
#include "gateway/log.hpp"

namespace signalbox {
namespace {

using api::Call;

struct Route {
  std::string_view method;
  std::array<std::string_view, 4> path;  // "*" stands for any one part; empty parts end it
  bool operators_only;
  Task<Response> (*handle)(Call&);
};

constexpr std::array<Route, 10> routes{{
    {"GET", {"v1", "inbox"}, false, api::peek_inbox},
    {"POST", {"v1", "inbox", "receive"}, false, api::receive_messages},
    {"POST", {"v1", "inbox", "ack"}, false, api::acknowledge_messages},
    {"POST", {"v1", "inbox", "nack"}, false, api::give_back_messages},
    {"POST", {"v1", "inbox", "extend"}, false, api::extend_messages},
    {"POST", {"v1", "messages"}, false, api::send_message},
    {"GET", {"v1", "events"}, true, api::list_events},
    {"GET", {"v1", "events", "*"}, false, api::show_event},
    {"GET", {"v1", "events", "*", "explain"}, false, api::explain_event},
    {"GET", {"v1", "rules"}, true, api::list_rules},
}};

bool matches(const Route& route, const std::vector<std::string_view>& parts) {
  std::size_t length = 0;
  while (length < route.path.size() && !route.path[length].empty()) ++length;
  if (parts.size() != length) return false;
  for (std::size_t i = 0; i < length; ++i) {
    if (route.path[i] != "*" && route.path[i] != parts[i]) return false;
  }
  return true;
}

bool reads(const Request& request) { return request.method == "GET" || request.method == "HEAD"; }

struct FoundRoute {
  const Route* route = nullptr;
  std::string_view allowed;  // the method that the path takes; empty where there is no such path
};

FoundRoute find_route(const Call& call) {
  FoundRoute found;
  for (const Route& candidate : routes) {
    if (!matches(candidate, call.parts)) continue;
    found.allowed = candidate.method;
    if (candidate.method == (reads(call.request) ? "GET" : call.request.method))
      found.route = &candidate;
  }
  return found;
}

Result<const Principal*> authenticate(const Runtime& runtime, const Headers& headers) {
  constexpr std::string_view scheme = "Bearer ";
  const auto header = headers.find("Authorization");
  if (!header) return header.error();
  if (!*header) return Error{Reason::token_missing, {}};
  const std::string_view value = **header;
  if (value.size() <= scheme.size() || !iequals(value.substr(0, scheme.size()), scheme)) {
    return Error{Reason::token_missing, {}};
  }
  const Principal* principal = runtime.find_principal(value.substr(scheme.size()));
  if (principal == nullptr) return Error{Reason::token_invalid, {}};
  return principal;
}

Response readiness(const Health& health, bool verbose) {
  const auto checks = health.checks();
  const bool ready =
      std::all_of(checks.begin(), checks.end(), [](const HealthCheck& c) { return c.good; });
  Response response;
  response.status = ready ? 200 : 503;
  response.content_type = "text/plain; charset=utf-8";
  for (const HealthCheck& check : checks) {
    if (!verbose && check.good) continue;
    const char mark = !check.good ? '-' : check.warning ? '!' : '+';
    response.body += fmt::format("[{}] {}: {}\n", mark, check.name, check.detail);
  }
  response.body += ready ? "ok\n" : "not ready\n";
  return response;
}

}  // namespace

Task<Response> ApiHandler::handle(const Request& request) {
  worker_.counters.api_requests.add();
  std::string line;  // a call that waits lets its request go
  if (log_enabled(Severity::debug)) line = fmt::format("{} {}", request.method, request.target);
  Response response = co_await route(request);
  log_line(
      Severity::debug, "api",
      {{"request", line}, {"status", std::to_string(response.status)}, {"peer", request.peer}});
  co_return response;
}

std::optional<Response> ApiHandler::monitoring(const Call& call) const {
  if (call.parts.size() != 1 || !reads(call.request)) return std::nullopt;
  Response response;
  response.content_type = "text/plain; charset=utf-8";
  if (call.parts[0] == "livez") {
    response.body = "ok\n";
  } else if (call.parts[0] == "readyz") {
    response = readiness(health_, query_parameter(call.request.target, "verbose").has_value());
  } else if (call.parts[0] == "metrics") {
    response.content_type = "text/plain; version=0.0.4; charset=utf-8";
    response.body = health_.metrics();
  } else {
    return std::nullopt;
  }
  return response;
}

Task<Response> ApiHandler::route(const Request& request) {
  const auto runtime = worker_.runtime;  // held until the answer is made
  Call call{request, worker_, *runtime, nullptr, path_parts(request.target)};
  if (auto answer = monitoring(call)) co_return std::move(*answer);
  const auto principal = authenticate(*runtime, request.headers);
  if (!principal) co_return fail(request, principal.error());
  call.principal = *principal;
  const FoundRoute found = find_route(call);
  if (found.allowed.empty()) co_return fail(request, Error{Reason::not_found, "no such call"});
  if (found.route == nullptr) {
    Response response = fail(request, Error{Reason::method_not_allowed, {}});
    response.headers.emplace_back("Allow", found.allowed);
    co_return response;
  }
  if (found.route->operators_only && call.principal->role != Principal::Role::operator_) {
    co_return fail(request, Error{Reason::forbidden, "this call is for operators"});
  }
  co_return co_await found.route->handle(call);
}

Response ApiHandler::fail(const Request& request, const Error& error) {
  refused(error, request.target, request.peer);
  return respond(error);
}

void ApiHandler::refused(const Error& error, std::string_view target, std::string_view peer) {
  worker_.counters.api_refused[static_cast<std::size_t>(error.reason)].add();
  const ReasonRow& row = describe(error.reason);
  log_line(row.severity, "request refused",
           {{"listener", "api"}, {"reason", row.name}, {"target", target}, {"peer", peer}});
}

}  // namespace signalbox
