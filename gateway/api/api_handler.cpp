#include "gateway/api/api_handler.hpp"

#include <fmt/format.h>

#include "gateway/api/permission.hpp"
#include "gateway/telemetry/api_counters.hpp"
#include "gateway/telemetry/log.hpp"

namespace signalbox {
namespace {

using api::Call;

}  // namespace

Task<Response> ApiHandler::handle(const Request& request) {
  setting_.counters.api.requests.add();
  std::string line;  // a call that waits lets its request go
  if (log_enabled(Severity::debug)) line = fmt::format("{} {}", request.method, request.target);
  Response response = co_await route(request);
  log_line(
      Severity::debug, "api",
      {{"request", line}, {"status", std::to_string(response.status)}, {"peer", request.peer}});
  co_return response;
}

Task<Response> ApiHandler::route(const Request& request) {
  const auto runtime = setting_.runtime;  // held until the answer is made
  Call call{request, setting_, *runtime, nullptr, path_parts(request.target)};
  const api::FoundRoute found = api::find_route(request.method, call.parts);
  const bool is_open =
      found.route != nullptr && api::is_open(*found.route, runtime->principals);
  if (is_open) co_return co_await found.route->handle(call);
  if (request.method == "OPTIONS" && !found.allowed.empty()) {
    Response response;
    response.status = 204;
    response.headers.emplace_back("Allow", found.allowed);
    co_return response;
  }
  const auto principal = runtime->principals.authenticate(request.headers, request.received);
  if (!principal) co_return fail(request, principal.error());
  call.principal = *principal;
  if (const auto wrong = api::choose_space(call)) co_return fail(request, *wrong);
  if (found.allowed.empty()) co_return fail(request, Error{Reason::not_found, "no such call"});
  if (found.route == nullptr) {
    Response response = fail(request, Error{Reason::method_not_allowed, {}});
    response.headers.emplace_back("Allow", found.allowed);
    co_return response;
  }
  if (const auto wrong = api::refuse_caller(*found.route, *call.principal)) {
    co_return fail(request, *wrong);
  }
  const auto query = api::check_query(*found.route, request.target);
  if (!query) co_return fail(request, query.error());
  co_return co_await found.route->handle(call);
}

Response ApiHandler::fail(const Request& request, const Error& error) {
  refused(error, request.target, request.peer);
  return respond(error);
}

void ApiHandler::refused(const Error& error, std::string_view target, std::string_view peer) {
  setting_.counters.api.refused[static_cast<std::size_t>(error.reason)].add();
  const ReasonRow& row = describe(error.reason);
  log_line(row.severity, "request refused",
           {{"listener", "api"}, {"reason", row.name}, {"target", target}, {"peer", peer}});
}

}  // namespace signalbox
