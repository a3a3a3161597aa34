#include "gateway/hooks/hooks_handler.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cassert>

#include "coordination/record.hpp"
#include "event/json_escape.hpp"
#include "event/json_writer.hpp"
#include "gateway/hooks/refused_ring.hpp"
#include "gateway/http/respond.hpp"
#include "gateway/limits/address_accounts.hpp"
#include "gateway/limits/refusal_lines.hpp"
#include "gateway/telemetry/hook_counters.hpp"
#include "gateway/telemetry/log.hpp"
#include "gateway/worker/runtime.hpp"

namespace signalbox {
namespace {

using SteadyClock = std::chrono::steady_clock;

constexpr std::string_view methods = "POST, OPTIONS";

// The <source> of /hooks/<source>; empty for any other path.
std::string_view source_of(std::string_view target) {
  const auto parts = path_parts(target);
  return parts.size() == 2 && parts[0] == "hooks" ? parts[1] : std::string_view{};
}

constexpr std::string_view template_failed = "template_failed";  // why messages were not made

// "rule: detail" of the first rule that failed; empty where none did.
std::string first_failure(const Ack& ack) {
  if (ack.failures.empty()) return {};
  return fmt::format("{}: {}", ack.failures.front().rule, ack.failures.front().detail);
}

std::string failed_rules(const Ack& ack) {
  std::string names;
  for (const RuleFailure& failure : ack.failures) {
    if (!names.empty()) names += ',';
    names += failure.rule;
  }
  return names;
}

// Always 200: Linear counts nothing else as delivered.
Response acknowledge(const Ack& ack) {
  Response response;
  response.body.reserve(384);
  JsonObject body{response.body};
  body.text("status", ack.status).text("event", ack.event);
  if (!ack.outcome.empty()) body.text("outcome", ack.outcome);
  if (!ack.work.empty()) body.text("work", ack.work);
  if (ack.outcome.empty()) {
    body.number("messages", ack.messages);
    append_json_list(body.value("rules"), ack.rules);
  }
  if (!ack.failures.empty()) {
    body.text("reason", template_failed).text("detail", first_failure(ack));
    body.raw("failures", failures_json(ack.failures));
  }
  body.close();
  return response;
}

// Mostly unsigned, so for the log of verified deliveries only. What the source's connector calls
// the delivery, whatever headers of others came along; where there is no such source, any of them.
std::string_view delivery_header(const Headers& headers, const SourceConfig* source) {
  for (const auto& [name, value] : headers.fields()) {
    for (const Connector* connector : all_connectors()) {
      if (source != nullptr && source->connector != connector) continue;
      if (iequals(name, connector->delivery_header)) return value;
    }
  }
  return {};
}

// What is wrong with where the request came from.
std::optional<Error> address_error(const Config& config, const SourceConfig& source,
                                   const Request& request) {
  const AddressList& proxies = config.hooks.trusted_proxies;
  for (const AddressList* allowed : {&config.hooks.allow_ips, &source.allow_ips}) {
    if (auto refused = allowed->refuse(request.peer, request.headers, proxies)) return refused;
  }
  return std::nullopt;
}

// Tells refused deliveries apart without a word of their senders: nothing unsigned is logged.
std::string delivery_digest(const Headers& headers, const SourceConfig* source) {
  constexpr std::size_t hex_digits = 12;
  const std::string_view delivery = delivery_header(headers, source);
  return delivery.empty() ? "" : to_hex(sha256(delivery)).substr(0, hex_digits);
}

// How long a source, or an address, has to wait that sends more than it may, however well it signs.
std::chrono::nanoseconds verified_wait(const Runtime& runtime, std::size_t source,
                                       const Request& request) {
  const Config& config = *runtime.config;
  auto wait = runtime.bucket(source).wait(config.sources[source].rate, request.started);
  if (request.account != nullptr) {
    wait =
        std::max(wait, request.account->verified.wait(config.hooks.verified_rate, request.started));
  }
  return wait;
}

void count_verified(const Runtime& runtime, std::size_t source, const Request& request) {
  const Config& config = *runtime.config;
  runtime.bucket(source).take(config.sources[source].rate, request.started);
  if (request.account == nullptr) return;
  request.account->verified.take(config.hooks.verified_rate, request.started);
  request.account->know(request.started);
}

std::string milliseconds_since(SteadyClock::time_point started) {
  const std::chrono::duration<double, std::milli> spent = SteadyClock::now() - started;
  return fmt::format("{:.2f}", spent.count());
}

// Who stands behind a trusted proxy; empty where there is none, or the peer itself.
std::string client_behind(const Config& config, const Request& request) {
  if (config.hooks.trusted_proxies.empty()) return {};
  const auto client = client_address(request.peer, request.headers, config.hooks.trusted_proxies);
  if (!client) return {};
  std::string text = to_string(*client);
  return text == request.peer ? std::string{} : text;
}

void log_ack(const Ack& ack, const Request& request, std::string_view source,
             const Config& config) {
  // A rule that cannot be carried out is somebody's to mend.
  const Severity severity = ack.failures.empty() ? Severity::info : Severity::warning;
  if (!log_enabled(severity)) return;
  const std::string_view reason = ack.failures.empty() ? ack.outcome : template_failed;
  log_line(severity, "delivery",
           {{"source", source, minor},
            {"delivery", delivery_header(request.headers, config.find_source(source)), minor},
            {"type", ack.type},
            {"status", ack.status},
            {"event", ack.event},
            {"work", ack.work},
            {"trace_id", ack.trace, minor},
            {"messages", std::to_string(ack.messages), minor},
            {"reason", reason},
            {"failed_rules", failed_rules(ack)},
            {"detail", first_failure(ack)},
            {"bytes", std::to_string(request.body.size()), minor},
            {"duration_ms", milliseconds_since(request.started), minor},
            {"client", client_behind(config, request), minor},
            {"peer", request.peer, minor}});
}

}  // namespace

// What is decided without the body: whether strangers have to wait, where the request goes, how,
// and where it came from.
std::optional<Response> HooksHandler::answer_head(const Request& request) {
  if (request.account != nullptr) {
    const auto wait = request.account->unverified_wait(
        setting_.runtime->config->hooks.unverified_rate, request.started);
    if (wait.count() > 0) return too_many(wait, "requests without a valid signature", request, {});
  }
  const std::string_view name = source_of(request.target);
  const bool asks = request.method == "OPTIONS";
  const Runtime& runtime = *setting_.runtime;
  const auto index = runtime.find_source(name);
  if (asks && (index || request.target == "*")) {
    Response response;
    response.status = 204;
    response.headers.emplace_back("Allow", methods);
    return response;
  }
  if (name.empty()) {
    const Error error{Reason::not_found, "webhooks are taken at /hooks/<source>"};
    refused(error, request.target, request.peer);
    return respond(error);
  }
  if (request.method != "POST" && !asks) {
    const Error error{Reason::method_not_allowed, "webhooks are sent with POST"};
    refused(error, request.target, request.peer);
    Response response = respond(error);
    response.headers.emplace_back("Allow", methods);
    return response;
  }
  if (!index) return refuse(Error{Reason::unknown_source, {}}, request, name, nullptr);
  const auto wrong = address_error(*runtime.config, runtime.config->sources[*index], request);
  if (!wrong) return std::nullopt;
  SourceCounters& source = *runtime.seat(setting_.ingest.thread, *index).counters;
  source.received.add();
  source.received_bytes.add(request.body.size());
  return refuse(*wrong, request, name, &source);
}

Task<Response> HooksHandler::handle(const Request& request) {
  if (auto answer = answer_head(request)) co_return std::move(*answer);
  const std::string_view name = source_of(request.target);
  ThreadCounters& counters = setting_.ingest.counters;
  const auto runtime = setting_.runtime;
  const auto index = runtime->find_source(name);
  assert(index);
  SourceCounters* const source = runtime->seat(setting_.ingest.thread, *index).counters.get();
  source->received.add();
  source->received_bytes.add(request.body.size());
  Unverified unverified;
  unverified.source = name;
  unverified.headers = request.headers;
  unverified.body = request.body;
  unverified.received = request.received;
  if (const auto wait = verified_wait(*runtime, *index, request); wait.count() > 0) {
    co_return too_many(wait, "deliveries of this source or address", request, name);
  }
  const auto ack = co_await ingest(runtime, setting_.ingest, unverified, request.started);
  counters.hooks.stages[static_cast<std::size_t>(Stage::total)].observe(SteadyClock::now() -
                                                                        request.started);
  if (!ack) co_return refuse(ack.error(), request, name, source);
  count_verified(*runtime, *index, request);
  log_ack(*ack, request, name, *runtime->config);
  co_return acknowledge(*ack);
}

Response HooksHandler::too_many(std::chrono::nanoseconds wait, std::string_view of_what,
                                const Request& request, std::string_view name) {
  const Error error{Reason::too_many_requests, fmt::format("too many {}", of_what)};
  const auto index = setting_.runtime->find_source(name);
  refuse(error, request, name,
         index ? setting_.runtime->seat(setting_.ingest.thread, *index).counters.get() : nullptr);
  return come_back(error, wait);
}

Response HooksHandler::refuse(const Error& error, const Request& request, std::string_view name,
                              SourceCounters* source) {
  const auto reason = static_cast<std::size_t>(error.reason);
  (source != nullptr ? source->refused : setting_.ingest.counters.hooks.refused)[reason].add();
  const bool out_of_time =
      error.reason == Reason::timestamp_out_of_range || error.reason == Reason::timestamp_in_future;
  if (out_of_time) setting_.ingest.counters.hooks.out_of_time.add(request.received);
  log_refusal(error, request, source != nullptr ? name : "");
  if (source != nullptr) keep(error, request, name);
  return respond(error);
}

// Unsigned text of a sender, which nothing but an operator's question makes anything of.
void HooksHandler::keep(const Error& error, const Request& request, std::string_view name) {
  const std::uint32_t most = setting_.runtime->config->hooks.keep_refused;
  if (most == 0 || setting_.refused == nullptr) return;
  RefusedDelivery delivery;
  delivery.received = request.received;
  delivery.source = name;
  delivery.delivery = delivery_header(request.headers, setting_.runtime->config->find_source(name));
  delivery.error = error;
  delivery.peer = request.peer;
  for (const auto& [field, value] : request.headers.fields()) {
    delivery.headers.emplace_back(field, value);
  }
  delivery.body_bytes = request.body.size();
  if (request.body.size() <= refused_body_bytes_max) delivery.body = request.body;
  setting_.refused->keep(std::move(delivery), most);
}

bool HooksHandler::may_log(Reason reason, std::string_view source) const {
  if (!log_enabled(describe(reason).severity)) return false;
  return setting_.lines == nullptr ||
         setting_.lines->take(RefusedAt::hooks, reason, source, SteadyClock::now());
}

void HooksHandler::log_refusal(const Error& error, const Request& request,
                               std::string_view source) const {
  if (!may_log(error.reason, source)) return;
  const ReasonRow& row = describe(error.reason);
  const SourceConfig* known = setting_.runtime->config->find_source(source);
  log_line(row.severity, "delivery",
           {{"source", source},
            {"delivery_digest", delivery_digest(request.headers, known), minor},
            {"status", "refused"},
            {"reason", row.name},
            {"detail", error.detail},
            {"bytes", std::to_string(request.body.size()), minor},
            {"duration_ms", milliseconds_since(request.started), minor},
            {"client", client_behind(*setting_.runtime->config, request)},
            {"peer", request.peer}});
}

void HooksHandler::refused(const Error& error, std::string_view, std::string_view peer) {
  setting_.ingest.counters.hooks.refused[static_cast<std::size_t>(error.reason)].add();
  if (!may_log(error.reason, {})) return;
  const ReasonRow& row = describe(error.reason);
  log_line(row.severity, "request refused",
           {{"listener", to_string(RefusedAt::hooks)},
            {"reason", row.name},
            {"detail", error.detail},
            {"peer", peer}});
}

}  // namespace signalbox
