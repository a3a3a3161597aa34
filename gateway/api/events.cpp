// Events over HTTP: what arrived, what was decided, and why.
#include <fmt/format.h>

#include "coordination/record.hpp"
#include "event/message.hpp"
#include "gateway/api/routes.hpp"
#include "store/archive.hpp"

namespace signalbox::api {
namespace {

constexpr std::int64_t page_most = 200;

// The record with its outcome: `{"outcome":"accepted",…}`.
std::string listed(const StoredEvent& event) {
  std::string out;
  JsonObject object{out};
  object.text("outcome", to_string(event.outcome));
  if (event.record.size() > 2) out.append(",").append(event.record, 1, event.record.size() - 2);
  object.close();
  return out;
}

// Whether a message that the event led to went to this mailbox.
bool cites(Json record, std::string_view mailbox) {
  for (const Json message : record["messages"].elements()) {
    if (message["mailbox"].string_or("") == mailbox) return true;
  }
  return false;
}

bool may_read(const Principal& caller, const StoredEvent& event) {
  if (caller.role == Principal::Role::operator_) return true;
  JsonDocument document;
  const auto record = document.parse_copy(event.record);
  return record && cites(*record, caller.name);
}

// The event of the path, if it is there and the caller may read it: operators may, and an agent
// that was sent a message because of it. Others learn nothing, not even that it exists.
Task<Result<StoredEvent>> find_event(Call& call) {
  std::string id{call.parts[2]};
  const Deadline deadline = call_deadline();
  auto found = co_await call.store->event(std::move(id), deadline);
  if (!found) co_return found.error();
  if (!*found || !may_read(*call.principal, **found))
    co_return Error{Reason::not_found, "no such event, or it is no longer kept"};
  co_return std::move(**found);
}

std::string explained(const RuleExplanation& rule) {
  std::string out;
  JsonObject object{out};
  object.text("rule", rule.rule).text("file", rule.file).number("line", rule.line);
  object.boolean("matched", rule.matched).number("passed", static_cast<std::int64_t>(rule.passed));
  if (!rule.matched) {
    object.text("failed_path", rule.failed_path)
        .text("expected", rule.expected)
        .text("actual", rule.actual);
  }
  if (!rule.failure.empty()) object.text("failure", rule.failure);
  object.close();
  return out;
}

std::string all_explained(const RuleSet& set, const Event& event, std::string_view rule) {
  std::string rules = "[";
  for (const RuleExplanation& explanation : set.explain(event, rule)) {
    if (rules.size() > 1) rules += ',';
    rules += explained(explanation);
  }
  return rules + "]";
}

Response explain_stored(const Call& call, const StoredEvent& stored) {
  if (!stored.body)
    return respond(Error{Reason::not_found, "the body of this event is no longer kept"});
  const auto text = decompress_body(*stored.body, call.runtime.config->hooks.max_body);
  if (!text) return respond(text.error());
  JsonDocument record_document;
  JsonDocument body_document;
  const auto record = record_document.parse_copy(stored.record);
  if (!record) return respond(record.error());
  const auto body = body_document.parse_copy(*text);
  if (!body) return respond(body.error());
  const auto event = restore_event(*record, *body);
  if (!event) return respond(event.error());
  const std::string rule = query_parameter(call.request.target, "rule").value_or("");
  const RuleSet& set = *call.runtime.config->rules;
  if (!rule.empty() && call.runtime.find_rule(rule) == nullptr) {
    return respond(Error{Reason::not_found, "no rule of this name is loaded"});
  }
  Response response;
  JsonObject answer{response.body};
  answer.text("event", event->id)
      .text("type", event->type)
      .text("outcome", to_string(stored.outcome));
  answer.text("ruleset_then", (*record)["ruleset"].string_or("")).text("ruleset_now", set.digest());
  answer.raw("rules", all_explained(set, *event, rule)).close();
  return response;
}

}  // namespace

Task<Response> list_events(Call& call) {
  const auto max = integer_parameter(call, "max", 50, 1, page_most);
  if (!max) co_return respond(max.error());
  std::string cursor = query_parameter(call.request.target, "cursor").value_or("");
  const Deadline deadline = call_deadline();
  const auto page =
      co_await call.store->events(std::move(cursor), static_cast<std::uint32_t>(*max), deadline);
  if (!page) co_return respond(page.error());
  std::string events = "[";
  for (const StoredEvent& event : page->events) {
    if (events.size() > 1) events += ',';
    events += listed(event);
  }
  Response response;
  JsonObject body{response.body};
  body.raw("events", events + "]");
  if (!page->next.empty()) body.text("next", page->next);
  body.close();
  co_return response;
}

Task<Response> show_event(Call& call) {
  const auto event = co_await find_event(call);
  if (!event) co_return respond(event.error());
  Response response;
  response.body = listed(*event);
  response.body.pop_back();
  if (event->body) {
    const auto body = decompress_body(*event->body, call.runtime.config->hooks.max_body);
    if (!body) co_return respond(body.error());
    response.body += ",\"body\":" + *body;
  }
  response.body += '}';
  co_return response;
}

Task<Response> explain_event(Call& call) {
  const auto stored = co_await find_event(call);
  if (!stored) co_return respond(stored.error());
  co_return explain_stored(call, *stored);
}

}  // namespace signalbox::api
