// Dry runs: rules that are not loaded, and events that did not come.
#include "gateway/api/dry_run.hpp"

#include <boost/json/serialize.hpp>

#include "coordination/record.hpp"
#include "event/json_escape.hpp"
#include "event/json_writer.hpp"
#include "gateway/api/route_table.hpp"
#include "gateway/api/stored_event.hpp"
#include "gateway/archive/run_on.hpp"
#include "gateway/hooks/local_event.hpp"

namespace signalbox::api {
namespace {

constexpr std::size_t rules_bytes_max = 256 * 1024;  // of a checked text

std::string failed_ways(const std::vector<FailedWay>& ways) {
  std::string out;
  JsonArray list{out};
  for (const FailedWay& way : ways) {
    JsonObject object{list.element()};
    object.number("line", way.line).number("passed", way.passed).text("failed_path", way.path);
    object.text("expected", way.expected).text("actual", way.actual).close();
  }
  list.close();
  return out;
}

std::string explained(const RuleExplanation& rule) {
  std::string out;
  JsonObject object{out};
  object.text("rule", rule.rule).text("file", rule.file).number("line", rule.line);
  object.boolean("matched", rule.matched).number("passed", rule.passed);
  if (!rule.stopped_by.empty()) {
    object.text("stopped_by", rule.stopped_by);
  } else if (!rule.matched) {
    object.text("failed_path", rule.failed_path)
        .text("expected", rule.expected)
        .text("actual", rule.actual);
    if (rule.condition_line > 0) object.number("condition_line", rule.condition_line);
  }
  if (!rule.ways.empty()) object.raw("ways", failed_ways(rule.ways));
  if (!rule.failure.empty()) object.text("failure", rule.failure);
  object.close();
  return out;
}

}  // namespace

std::string explanation_json(const RuleSet& set, const Event& event, std::string_view rule) {
  std::string out;
  JsonArray rules{out};
  for (const RuleExplanation& explanation : set.explain(event, rule)) {
    rules.element() += explained(explanation);
  }
  rules.close();
  return out;
}

std::string_view status_of(const Decision& decision) noexcept {
  return to_string(outcome_of(decision));
}

std::string whole_messages_json(const Decision& decision) {
  std::string out;
  JsonArray messages{out};
  for (const OutgoingMessage& message : decision.messages) {
    JsonObject object{messages.element()};
    object.text("mailbox", message.mailbox).text("rule", message.rule);
    object.text("kind", to_string(message.kind)).raw("message", message.json).close();
  }
  messages.close();
  return out;
}

namespace {

Response simulated(const RuleSet& rules, const Event& event) {
  const Decision decision = rules.decide(event);
  Response response;
  JsonObject answer{response.body};
  answer.text("status", status_of(decision)).text("type", event.type);
  if (!event.subject.empty()) answer.text("subject", event.subject);
  answer.text("ruleset", rules.digest()).raw("rules", json_list(decision.matched));
  answer.raw("messages", whole_messages_json(decision));
  answer.raw("failures", failures_json(decision.failures));
  answer.raw("explanation", explanation_json(rules, event, {})).close();
  return response;
}

Response simulate_body(const Call& call, std::string_view type, std::string body) {
  const auto local = LocalEvent::make(type, std::move(body), "simulated", call.request.received);
  if (!local) {
    const Reason reason = local.error().reason;
    const bool is_callers = reason == Reason::not_found || reason == Reason::malformed_body ||
                            reason == Reason::malformed_request;
    return respond(Error{is_callers ? Reason::invalid_argument : reason, local.error().detail});
  }
  return simulated(*call.runtime.config->rules, (*local)->event());
}

Response simulate_given(const Call& call, const boost::json::object& body) {
  const auto type = text_member(body, "type");
  if (!type) return respond(type.error());
  const boost::json::value* payload = body.if_contains("body");
  if (payload == nullptr || !payload->is_object()) {
    return respond(Error{Reason::invalid_argument, "'body' must be an object"});
  }
  return simulate_body(call, *type, boost::json::serialize(*payload));
}

Response simulate_stored(const Call& call, const StoredEvent& stored) {
  RestoredEvent restored;
  const auto done = restored.restore(stored, call.runtime.config->hooks.max_body);
  if (!done) return respond(done.error());
  return simulated(*call.runtime.config->rules, restored.event());
}

void append_diagnostic(std::string& out, const Diagnostic& diagnostic) {
  JsonObject object{out};
  object.text("file", diagnostic.file).number("line", diagnostic.line);
  object.number("column", diagnostic.column);
  object.text("severity", diagnostic.severity == Severity::error ? "error" : "warning");
  object.text("code", diagnostic.code).text("message", diagnostic.message).close();
}

Task<Response> check_rules(Call& call) {
  if (call.request.body.size() > rules_bytes_max) {
    co_return respond(Error{Reason::body_too_large, "rules of at most 256 KiB are checked"});
  }
  const Config& config = *call.runtime.config;
  const std::vector<RuleFile> files{{"rules.yaml", std::string{call.request.body}}};
  // YAML is slow: other requests of this thread do not wait for it.
  const auto load = [&] { return RuleSet::load(files, recipients_of(config), config.site); };
  const LoadedRules loaded = co_await run_on<LoadedRules>(call.io(), call.compressors(), load);
  Response response;
  JsonObject answer{response.body};
  answer.boolean("good", loaded.rules != nullptr);
  answer.number("rules", loaded.rules ? loaded.rules->rules().size() : 0);
  JsonArray diagnostics{answer.value("diagnostics")};
  for (const Diagnostic& diagnostic : loaded.diagnostics) {
    append_diagnostic(diagnostics.element(), diagnostic);
  }
  diagnostics.close();
  answer.close();
  co_return response;
}

Task<Response> simulate_rules(Call& call) {
  const auto body = body_object(call, {"event", "type", "body"});
  if (!body) co_return respond(body.error());
  if (body->contains("event") == (body->contains("type") || body->contains("body"))) {
    co_return respond(
        Error{Reason::invalid_argument, "name an archived 'event', or give 'type' and 'body'"});
  }
  if (body->contains("event")) {
    auto id = text_member(*body, "event");
    if (!id) co_return respond(id.error());
    const auto stored = co_await find_event(call, std::move(*id));
    co_return stored ? simulate_stored(call, *stored) : respond(stored.error());
  }
  co_return simulate_given(call, *body);
}

}  // namespace

extern constinit const Route check_rules_route{.method = "POST",
                                               .path = {"v1", "rules", "check"},
                                               .access = Access::operators,
                                               .effect = Effect::none,
                                               .handle = check_rules};

extern constinit const Route simulate_rules_route{.method = "POST",
                                                  .path = {"v1", "rules", "simulate"},
                                                  .access = Access::operators,
                                                  .effect = Effect::none,
                                                  .handle = simulate_rules};

}  // namespace signalbox::api
