#include "gateway/api/api_handler.hpp"

#include <fmt/format.h>

#include "gateway/telemetry/api_counters.hpp"
#include "gateway/limits/address_accounts.hpp"
#include "gateway/telemetry/log.hpp"

namespace signalbox {
namespace {

using api::Call;

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

// Whether somebody asks if the gateway lives, as machines do from wherever they are.
bool is_probe(const PathParts& parts) {
  return parts.size() == 1 && (parts[0] == "livez" || parts[0] == "readyz");
}

// Where agents live, the wrong token of one must not shut out the others; each guess takes a second.
constexpr std::chrono::seconds guess_pause{1};

// Whether this is one of many wrong tokens of an address that right ones come from too.
bool guesses(const Request& request, const Response& answer, const Rate& rate) {
  return answer.status == 401 && request.account != nullptr &&
         request.account->unverified.wait(rate, request.started).count() > 0;
}

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
  if (auto answer = admit(call, found)) {
    if (guesses(request, *answer, runtime->config->api.unverified_rate))
      co_await pause_for(setting_.io, guess_pause);
    co_return std::move(*answer);
  }
  co_return co_await found.route->handle(call);
}

std::optional<Response> ApiHandler::answer_head(const Request& request) {
  const auto runtime = setting_.runtime;
  Call call{request, setting_, *runtime, nullptr, path_parts(request.target)};
  auto answer = admit(call, api::find_route(request.method, call.parts));
  if (answer) setting_.counters.api.requests.add();
  return answer;
}

// What is answered without the call's own handler; nothing where it may go on. Then the principal
// and the namespace are known, where the call needs them.
std::optional<Response> ApiHandler::admit(Call& call, const api::FoundRoute& found) {
  const Request& request = call.request;
  const ListenerConfig& limits = call.runtime.config->api;
  if (!is_probe(call.parts)) {
    const auto refusal =
        limits.allow_ips.refuse(request.peer, request.headers, limits.trusted_proxies);
    if (refusal) return fail(request, *refusal);
  }
  if (found.route != nullptr && found.route->access == api::Access::anyone) return std::nullopt;
  const bool server_wide = request.target == "*";
  if (request.method == "OPTIONS" && (server_wide || !found.allowed.empty())) {
    Response response;
    response.status = 204;
    response.headers.emplace_back("Allow",
                                  server_wide ? "GET, HEAD, POST, OPTIONS" : found.allowed);
    return response;
  }
  // Who only asks whether the gateway lives is never kept waiting; a stranger who guesses is.
  AddressAccount* const account = request.account;
  if (account != nullptr) {
    const auto wait = account->unverified_wait(limits.unverified_rate, request.started);
    if (wait.count() > 0) return too_many(wait, "too many calls without a valid token", request);
  }
  const auto principal = authenticate(call.runtime, request.headers);
  if (!principal) return fail(request, principal.error());
  call.principal = *principal;
  if (account != nullptr) {
    account->know(request.started);
    const auto wait = account->verified.take(limits.verified_rate, request.started);
    if (wait.count() > 0) return too_many(wait, "too many calls of this address", request);
  }
  if (const auto wrong = api::choose_space(call)) return fail(request, *wrong);
  if (found.allowed.empty()) return fail(request, Error{Reason::not_found, "no such call"});
  if (found.route == nullptr) {
    Response response = fail(request, Error{Reason::method_not_allowed, {}});
    response.headers.emplace_back("Allow", found.allowed);
    return response;
  }
  if (found.route->access == api::Access::operators &&
      call.principal->role != Principal::Role::operator_) {
    return fail(request, Error{Reason::forbidden, "this call is for operators"});
  }
  const auto query = api::check_query(*found.route, request.target);
  if (!query) return fail(request, query.error());
  return std::nullopt;
}

Response ApiHandler::too_many(std::chrono::nanoseconds wait, std::string detail,
                              const Request& request) {
  const Error error{Reason::too_many_requests, std::move(detail)};
  fail(request, error);
  return come_back(error, wait);
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
