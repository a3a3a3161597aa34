#include "gateway/api/api_handler.hpp"

#include "gateway/access/audit_log.hpp"
#include "gateway/api/permission.hpp"
#include "gateway/telemetry/api_counters.hpp"
#include "gateway/telemetry/log.hpp"
#include "gateway/telemetry/refusal_lines.hpp"

namespace signalbox {
namespace {

using api::Call;

// "GET /v1/inbox", "GET /v1/events/*/explain": nothing of it is a sender's text.
std::string text_of(const api::Route& route) {
  std::string text{route.method};
  text += ' ';
  for (const std::string_view part : route.path) {
    if (!part.empty()) text.append("/").append(part);
  }
  return text;
}

// The route's parameters that the target names, "agent,max": neither their values, of which one may
// be a token that was put into the wrong place, nor any other name.
std::string parameters_of(const api::Route& route, std::string_view target) {
  std::string names;
  for (const std::string_view known : route.query) {
    if (known.empty() || !query_parameter(target, known)) continue;
    if (!names.empty()) names += ',';
    names += known;
  }
  return names;
}

}  // namespace

// What is known of a call for the log and the audit, as far as it came.
struct ApiHandler::Served {
  std::shared_ptr<const Runtime> runtime;  // keeps the principal
  const api::Route* route = nullptr;
  const Principal* principal = nullptr;
  std::string parameters;  // taken before the call may let its request go
  api::CallTrail trail;
};

Task<Response> ApiHandler::handle(const Request& request) {
  setting_.counters.api.requests.add();
  Served served;
  served.runtime = setting_.runtime;
  Response response = co_await route(request, served);
  if (response.refusal) count_refusal(*response.refusal, served, request.peer);
  if (served.principal != nullptr) {
    served.principal->calls->add(outcome_of(response.status));
    if (served.principal->role == Principal::Role::operator_) audit(served, request, response);
  }
  if (log_enabled(Severity::debug)) {
    log_line(Severity::debug, "api",
             {{"route", served.route == nullptr ? "" : text_of(*served.route)},
              {"query", served.parameters},
              {"caller", served.principal == nullptr ? "" : served.principal->name},
              {"status", std::to_string(response.status)},
              {"peer", request.peer, minor}});
  }
  co_return response;
}

void ApiHandler::audit(Served& served, const Request& request, const Response& response) {
  if (setting_.audit == nullptr) return;
  AuditRecord record;
  record.time = request.received;
  record.principal = served.principal->name;
  record.role = to_string(served.principal->role);
  record.peer = request.peer;
  if (served.route != nullptr) record.route = text_of(*served.route);
  record.parameters = served.parameters;
  record.space = std::move(served.trail.space);
  record.mailbox = std::move(served.trail.mailbox);
  record.ids = std::move(served.trail.ids);
  record.dry_run = served.trail.dry_run ||
                   (served.route != nullptr && served.route->effect == api::Effect::none);
  record.status = response.status;
  if (response.refusal) record.reason = describe(response.refusal->reason).name;
  setting_.audit->add(record);
}

Task<Response> ApiHandler::route(const Request& request, Served& served) {
  const Runtime& runtime = *served.runtime;
  Call call{request, setting_, runtime, nullptr, path_parts(request.target)};
  call.trail = &served.trail;
  const api::FoundRoute found = api::find_route(request.method, call.parts);
  served.route = found.route;
  if (found.route != nullptr && request.target.find('?') != std::string_view::npos) {
    served.parameters = parameters_of(*found.route, request.target);
  }
  const bool is_open = found.route != nullptr && api::is_open(*found.route, runtime.principals);
  if (is_open) co_return co_await found.route->handle(call);
  if (request.method == "OPTIONS" && !found.allowed.empty()) {
    Response response;
    response.status = 204;
    response.headers.emplace_back("Allow", found.allowed);
    co_return response;
  }
  const auto principal = runtime.principals.authenticate(request.headers, request.received);
  if (!principal) co_return respond(principal.error());
  call.principal = served.principal = *principal;
  if (const auto wrong = api::choose_space(call)) co_return respond(*wrong);
  if (found.allowed.empty()) co_return respond(Error{Reason::not_found, "no such call"});
  if (found.route == nullptr) {
    Response response = respond(Error{Reason::method_not_allowed, {}});
    response.headers.emplace_back("Allow", found.allowed);
    co_return response;
  }
  if (const auto wrong = api::refuse_caller(*found.route, *call.principal)) {
    co_return respond(*wrong);
  }
  const auto query = api::check_query(*found.route, request.target);
  if (!query) co_return respond(query.error());
  co_return co_await found.route->handle(call);
}

void ApiHandler::refused(const Error& error, std::string_view, std::string_view peer) {
  count_refusal(error, Served{}, peer);
}

void ApiHandler::count_refusal(const Error& error, const Served& served, std::string_view peer) {
  setting_.counters.api.refused[static_cast<std::size_t>(error.reason)].add();
  const ReasonRow& row = describe(error.reason);
  const std::string_view caller =
      served.principal == nullptr ? std::string_view{} : served.principal->name;
  if (!log_enabled(row.severity)) return;
  if (setting_.lines != nullptr && !setting_.lines->take(RefusedAt::api, error.reason, caller,
                                                         std::chrono::steady_clock::now())) {
    return;
  }
  log_line(row.severity, "request refused",
           {{"listener", to_string(RefusedAt::api)},
            {"reason", row.name},
            {"detail", error.detail},
            {"route", served.route == nullptr ? "" : text_of(*served.route)},
            {"query", served.parameters},
            {"caller", caller},
            {"peer", peer}});
}

}  // namespace signalbox
