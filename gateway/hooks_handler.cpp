#include "gateway/hooks_handler.hpp"

#include <fmt/format.h>

#include "gateway/ingest.hpp"
#include "gateway/log.hpp"
#include "gateway/respond.hpp"

namespace signalbox {
namespace {

using SteadyClock = std::chrono::steady_clock;

// The <source> of /hooks/<source>; empty for any other path.
std::string_view source_of(std::string_view target) {
  const auto parts = path_parts(target);
  return parts.size() == 2 && parts[0] == "hooks" ? parts[1] : std::string_view{};
}

// An unsigned header, for the log only.
std::string_view delivery_header(const Headers& headers) {
  for (const auto& [name, value] : headers.fields()) {
    if (iequals(name, "X-GitHub-Delivery") || iequals(name, "Linear-Delivery") ||
        iequals(name, "X-Atlassian-Webhook-Identifier")) {
      return value;
    }
  }
  return {};
}

std::string milliseconds_since(SteadyClock::time_point started) {
  const std::chrono::duration<double, std::milli> spent = SteadyClock::now() - started;
  return fmt::format("{:.2f}", spent.count());
}

void log_ack(const Ack& ack, const Request& request, std::string_view source) {
  if (!log_enabled(Severity::info)) return;
  log_line(Severity::info, "delivery",
           {{"source", source},
            {"delivery", delivery_header(request.headers)},
            {"type", ack.type},
            {"status", ack.status},
            {"event", ack.event},
            {"work", ack.work},
            {"messages", std::to_string(ack.messages)},
            {"reason", ack.outcome.empty() ? ack.reason : ack.outcome},
            {"bytes", std::to_string(request.body.size())},
            {"duration_ms", milliseconds_since(request.started)},
            {"peer", request.peer}});
}

void log_refusal(const Error& error, const Request& request, std::string_view source) {
  const ReasonRow& row = describe(error.reason);
  log_line(row.severity, "delivery",
           {{"source", source},
            {"delivery", delivery_header(request.headers)},
            {"status", "refused"},
            {"reason", row.name},
            {"detail", error.detail},
            {"bytes", std::to_string(request.body.size())},
            {"duration_ms", milliseconds_since(request.started)},
            {"peer", request.peer}});
}

}  // namespace

Task<Response> HooksHandler::handle(const Request& request) {
  const std::string_view name = source_of(request.target);
  ThreadCounters& counters = worker_.counters;
  if (name.empty()) {
    const Error error{Reason::not_found, "webhooks are taken at /hooks/<source>"};
    refused(error, request.target, request.peer);
    co_return respond(error);
  }
  if (request.method != "POST") {
    const Error error{Reason::method_not_allowed, "webhooks are sent with POST"};
    refused(error, request.target, request.peer);
    Response response = respond(error);
    response.headers.emplace_back("Allow", "POST");
    co_return response;
  }
  const auto runtime = worker_.runtime;
  const auto index = runtime->find_source(name);
  SourceCounters* source = index ? runtime->seat(worker_.index, *index).counters.get() : nullptr;
  if (source != nullptr) {
    source->received.add();
    source->received_bytes.add(request.body.size());
  }
  Unverified unverified;
  unverified.source = name;
  unverified.headers = request.headers;
  unverified.body = request.body;
  unverified.received = request.received;
  const auto ack = co_await ingest(runtime, worker_, unverified, request.started);
  counters.stages[static_cast<std::size_t>(Stage::total)].observe(SteadyClock::now() -
                                                                  request.started);
  if (!ack) {
    const auto reason = static_cast<std::size_t>(ack.error().reason);
    (source != nullptr ? source->refused[reason] : counters.hooks_refused[reason]).add();
    log_refusal(ack.error(), request, index ? name : "");
    co_return respond(ack.error());
  }
  log_ack(*ack, request, name);
  co_return respond(*ack);
}

void HooksHandler::refused(const Error& error, std::string_view target, std::string_view peer) {
  worker_.counters.hooks_refused[static_cast<std::size_t>(error.reason)].add();
  const ReasonRow& row = describe(error.reason);
  log_line(row.severity, "request refused",
           {{"listener", "hooks"}, {"reason", row.name}, {"target", target}, {"peer", peer}});
}

}  // namespace signalbox
