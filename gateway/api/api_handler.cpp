#include "gateway/api/api_handler.hpp"

#include "gateway/access/audit_log.hpp"
#include "gateway/api/permission.hpp"
#include "gateway/limits/address_accounts.hpp"
#include "gateway/limits/refusal_lines.hpp"
#include "gateway/telemetry/api_counters.hpp"
#include "gateway/telemetry/log.hpp"

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

// Whether somebody asks if the gateway lives, as machines do from wherever they are.
bool is_probe(const PathParts& parts) {
  return parts.size() == 1 && (parts[0] == "livez" || parts[0] == "readyz");
}

// Where agents live, the wrong token of one must not shut out the others; each guess takes a
// second.
constexpr std::chrono::seconds guess_pause{1};

// Whether this is one of many wrong tokens of an address that right ones come from too.
bool guesses(const Request& request, const Response& answer, const Rate& rate) {
  return answer.status == 401 && request.account != nullptr &&
         request.account->unverified.wait(rate, request.started).count() > 0;
}

Response allow(unsigned status, std::string methods) {
  Response response;
  response.status = status;
  response.headers.emplace_back("Allow", std::move(methods));
  return response;
}

Response too_many(std::chrono::nanoseconds wait, std::string detail) {
  return come_back(Error{Reason::too_many_requests, std::move(detail)}, wait);
}

}  // namespace

// What is known of a call for the log and the audit, as far as it came.
struct ApiHandler::Served {
  std::shared_ptr<const Runtime> runtime;  // keeps the principal
  const api::Route* route = nullptr;
  const Principal* principal = nullptr;
  // Taken before the call may let its request go; the second of operators' calls only.
  std::string parameters;
  std::string client;  // behind a trusted proxy, else the peer
  api::CallTrail trail;
};

Task<Response> ApiHandler::handle(const Request& request) {
  setting_.counters.api.requests.add();
  Served served;
  served.runtime = setting_.runtime;
  Response response = co_await route(request, served);
  tell(served, request, response);
  co_return response;
}

void ApiHandler::note_route(Served& served, const api::FoundRoute& found, std::string_view target) {
  served.route = found.route;
  if (found.route != nullptr && target.find('?') != std::string_view::npos) {
    served.parameters = parameters_of(*found.route, target);
  }
}

// Counts an answer, and writes it down where it has to be.
void ApiHandler::tell(Served& served, const Request& request, const Response& response) {
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
}

void ApiHandler::audit(Served& served, const Request& request, const Response& response) {
  if (setting_.audit == nullptr) return;
  AuditRecord record;
  record.time = request.received;
  record.principal = served.principal->name;
  record.role = to_string(served.principal->role);
  record.peer = served.client;
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
  note_route(served, found, request.target);
  if (auto answer = admit(call, found, served)) {
    if (guesses(request, *answer, runtime.config->api.unverified_rate))
      co_await pause_for(setting_.io, guess_pause);
    co_return std::move(*answer);
  }
  co_return co_await found.route->handle(call);
}

// The same as handle() does without the body; what is answered is counted and told as there.
std::optional<Response> ApiHandler::answer_head(const Request& request) {
  Served served;
  served.runtime = setting_.runtime;
  Call call{request, setting_, *served.runtime, nullptr, path_parts(request.target)};
  call.trail = &served.trail;
  const api::FoundRoute found = api::find_route(request.method, call.parts);
  note_route(served, found, request.target);
  auto answer = admit(call, found, served);
  if (!answer) return std::nullopt;
  setting_.counters.api.requests.add();
  tell(served, request, *answer);
  return answer;
}

// What is answered without the call's own handler; nothing where it may go on. Then the principal
// and the namespace are known, where the call needs them.
std::optional<Response> ApiHandler::admit(Call& call, const api::FoundRoute& found,
                                          Served& served) {
  const Request& request = call.request;
  const ListenerConfig& limits = call.runtime.config->api;
  if (!is_probe(call.parts)) {
    const auto refusal =
        limits.allow_ips.refuse(request.peer, request.headers, limits.trusted_proxies);
    if (refusal) return respond(*refusal);
  }
  const Principals& principals = call.runtime.principals;
  if (found.route != nullptr && api::is_open(*found.route, principals)) return std::nullopt;
  const bool server_wide = request.target == "*";
  if (request.method == "OPTIONS" && (server_wide || !found.allowed.empty())) {
    return allow(204, server_wide ? "GET, HEAD, POST, OPTIONS" : found.allowed);
  }
  if (!call.parts.empty() && call.parts[0] == "hooks") {
    return respond(
        Error{Reason::not_found, "webhooks are taken at the public listener: hooks.listen"});
  }
  if (auto refused = identify(call, served)) return refused;
  if (const auto wrong = api::choose_space(call)) return respond(*wrong);
  if (found.allowed.empty()) return respond(Error{Reason::not_found, "no such call"});
  if (found.route == nullptr) {
    Response response = respond(Error{Reason::method_not_allowed, {}});
    response.headers.emplace_back("Allow", found.allowed);
    return response;
  }
  if (const auto wrong = api::refuse_caller(*found.route, *call.principal)) return respond(*wrong);
  const auto query = api::check_query(*found.route, request.target);
  if (!query) return respond(query.error());
  return std::nullopt;
}

// Whose call it is. A stranger who guessed too often has to wait, and so has who calls too often.
std::optional<Response> ApiHandler::identify(Call& call, Served& served) {
  const Request& request = call.request;
  const ListenerConfig& limits = call.runtime.config->api;
  AddressAccount* const account = request.account;
  if (account != nullptr) {
    const auto wait = account->unverified_wait(limits.unverified_rate, request.started);
    if (wait.count() > 0) return too_many(wait, "too many calls without a valid token");
  }
  const auto principal = call.runtime.principals.authenticate(request.headers, request.received);
  if (!principal) return respond(principal.error());
  call.principal = served.principal = *principal;
  if (const AgentConfig* agent = call.principal->agent; agent != nullptr) {
    const auto wait = call.principal->calls->bucket.take(agent->rate, request.started);
    if (wait.count() > 0) return too_many(wait, "too many calls of this agent");
  }
  if (call.principal->role == Principal::Role::operator_) {
    const auto client = client_address(request.peer, request.headers, limits.trusted_proxies);
    served.client = client ? to_string(*client) : std::string{request.peer};
  }
  if (account == nullptr) return std::nullopt;
  account->know(request.started);
  const auto wait = account->verified.take(limits.verified_rate, request.started);
  if (wait.count() > 0) return too_many(wait, "too many calls of this address");
  return std::nullopt;
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
