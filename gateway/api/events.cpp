// Events over HTTP: what arrived, what was decided, and why.
#include <fmt/format.h>

#include "coordination/record.hpp"
#include "event/ids.hpp"
#include "event/json_escape.hpp"
#include "event/json_writer.hpp"
#include "gateway/api/dry_run.hpp"
#include "gateway/api/route_table.hpp"
#include "gateway/api/stored_event.hpp"
#include "rules/pattern/event_pattern.hpp"
#include "rules/source/known_names.hpp"
#include "store/archive.hpp"

namespace signalbox::api {
namespace {

std::optional<Outcome> outcome_named(std::string_view name) {
  for (const Outcome outcome : all_outcomes) {
    if (to_string(outcome) == name) return outcome;
  }
  return std::nullopt;
}

Result<std::optional<Time>> time_parameter(const Call& call, std::string_view name) {
  const auto text = query_parameter(call.request.target, name);
  if (!text) return std::optional<Time>{};
  const auto time = parse_time(*text);
  if (!time) return invalid(fmt::format("'{}' must be a time like 2026-11-22T10:00:00Z", name));
  return std::optional{*time};
}

// What the query asks for. Names are not checked against the configuration: events outlive it.
Result<EventQuery> read_query(const Call& call) {
  const auto parameter = [&call](std::string_view name) {
    return query_parameter(call.request.target, name).value_or("");
  };
  EventQuery query;
  const auto max = integer_parameter(call, "max", 50, 1, events_max);
  if (!max) return max.error();
  query.max = static_cast<std::uint32_t>(*max);
  query.cursor = parameter("cursor");
  query.source = parameter("source");
  query.type = parameter("type");
  query.rule = parameter("rule");
  query.work = parameter("work");
  query.delivery = parameter("delivery");
  if (!query.type.empty()) {
    const auto pattern = EventPattern::parse(query.type);
    if (!pattern) return invalid("'type': " + pattern.error().detail);
  }
  if (const std::string status = parameter("status"); !status.empty()) {
    query.outcome = outcome_named(status);
    if (!query.outcome) return invalid("'status' is accepted, partly_dropped, no_match or dropped");
  }
  const auto since = time_parameter(call, "since");
  if (!since) return since.error();
  const auto before = time_parameter(call, "until");
  if (!before) return before.error();
  query.since = *since;
  query.before = *before;
  return query;
}

// Events outlive the configuration, so a name that it does not have is no error; but most such
// names are misspelled.
std::vector<std::string> notes_of(const Call& call, const EventQuery& query) {
  std::vector<std::string> notes;
  const Config& config = *call.runtime.config;
  if (!query.source.empty() && config.find_source(query.source) == nullptr) {
    std::vector<std::string_view> names;
    for (const SourceConfig& source : config.sources) names.push_back(source.name);
    notes.push_back(fmt::format("no source '{}' is configured{}", query.source,
                                known_names(query.source, names)));
  }
  if (!query.rule.empty() && call.runtime.find_rule(query.rule) == nullptr) {
    notes.push_back(
        fmt::format("no rule '{}' is loaded{}", query.rule, known_rules(call, query.rule)));
  }
  return notes;
}

// The record with its outcome: `{"outcome":"accepted",…}`.
std::string listed(const StoredEvent& event) {
  std::string out;
  JsonObject object{out};
  object.text("outcome", to_string(event.outcome));
  if (event.record.size() > 2) out.append(",").append(event.record, 1, event.record.size() - 2);
  object.close();
  return out;
}

// Their records without what is nobody's business.
std::string replays_json(const std::vector<std::string>& records) {
  std::string out;
  JsonArray list{out};
  for (const std::string& text : records) {
    JsonDocument document;
    const auto record = document.parse_copy(text);
    if (!record) continue;
    JsonObject replay{list.element()};
    for (const char* member :
         {"generation", "at", "by", "ruleset", "rules", "failures", "messages"}) {
      replay.raw(member, (*record)[member].raw());
    }
    replay.close();
  }
  list.close();
  return out;
}

Response explain_stored(const Call& call, const StoredEvent& stored) {
  RestoredEvent restored;
  const auto done = restored.restore(stored, call.runtime.config->hooks.max_body);
  if (!done) return respond(done.error());
  const Event& event = restored.event();
  const std::string rule = query_parameter(call.request.target, "rule").value_or("");
  const RuleSet& set = *call.runtime.config->rules;
  if (!rule.empty() && call.runtime.find_rule(rule) == nullptr) {
    return respond(
        Error{Reason::not_found, "no rule of this name is loaded" + known_rules(call, rule)});
  }
  Response response;
  JsonObject answer{response.body};
  answer.text("event", event.id)
      .text("type", event.type)
      .text("outcome", to_string(stored.outcome));
  answer.text("ruleset_then", restored.record()["ruleset"].string_or(""))
      .text("ruleset_now", set.digest());
  answer.raw("rules", explanation_json(set, event, rule)).close();
  return response;
}

bool asks_for_delivery_only(const EventQuery& query) {
  return !query.delivery.empty() && query.cursor.empty() && query.type.empty() && !query.outcome &&
         query.rule.empty() && query.work.empty() && !query.since && !query.before;
}

// Most ids of events are made of source and delivery, so these are found without a search, however
// old they are.
Task<Result<EventPage>> find_delivery(Call& call, const EventQuery& query, Deadline deadline) {
  EventPage page;
  for (const SourceConfig& source : call.runtime.config->sources) {
    if (!query.source.empty() && source.name != query.source) continue;
    std::string id = event_id(source.name, query.delivery);
    auto found = co_await call.store->event(std::move(id), deadline);
    if (!found) co_return found.error();
    if (*found && page.events.size() < query.max) page.events.push_back(std::move(**found));
  }
  co_return page;
}

Task<Result<EventPage>> search(Call& call, const EventQuery& query, Deadline deadline) {
  if (asks_for_delivery_only(query)) {
    auto page = co_await find_delivery(call, query, deadline);
    if (!page || !page->events.empty()) co_return page;
  }
  co_return co_await call.store->events(query, deadline);
}

Task<Response> list_events(Call& call) {
  auto query = read_query(call);
  if (!query) co_return respond(query.error());
  const Deadline deadline = call_deadline();
  if (!query->work.empty()) {
    // A name of now stands for the work under its former names as well.
    const auto named = co_await call.store->find_work(query->work, deadline);
    if (!named) co_return respond(named.error());
    query->work_id = named->value_or("");
  }
  const auto page = co_await search(call, *query, deadline);
  if (!page) co_return respond(page.error());
  Response response;
  JsonObject body{response.body};
  JsonArray events{body.value("events")};
  for (const StoredEvent& event : page->events) events.element() += listed(event);
  events.close();
  if (!page->next.empty()) body.text("next", page->next);
  if (const auto notes = notes_of(call, *query); !notes.empty()) {
    append_json_list(body.value("notes"), notes);
  }
  body.close();
  co_return response;
}

Task<Response> show_event(Call& call) {
  const auto event = co_await find_event(call, std::string{call.parts[2]});
  if (!event) co_return respond(event.error());
  Response response;
  response.body = listed(*event);
  response.body.pop_back();
  if (event->body) {
    const auto body = decompress_body(*event->body, call.runtime.config->hooks.max_body);
    if (!body) co_return respond(body.error());
    response.body += ",\"body\":" + *body;
  }
  const auto replays = co_await replays_of(call, std::string{call.parts[2]});
  if (!replays) co_return respond(replays.error());
  if (!replays->empty()) response.body += ",\"replays\":" + replays_json(*replays);
  response.body += '}';
  co_return response;
}

Task<Response> explain_event(Call& call) {
  const auto stored = co_await find_event(call, std::string{call.parts[2]});
  if (!stored) co_return respond(stored.error());
  co_return explain_stored(call, *stored);
}

}  // namespace

extern constinit const Route list_events_route{
    .method = "GET",
    .path = {"v1", "events"},
    .access = Access::operators,
    .query = {"source", "type", "status", "rule", "work", "delivery", "since", "until", "max",
              "cursor", "namespace"},
    .handle = list_events};

extern constinit const Route show_event_route{
    .method = "GET", .path = {"v1", "events", "*"}, .query = {"namespace"}, .handle = show_event};

extern constinit const Route explain_event_route{.method = "GET",
                                                 .path = {"v1", "events", "*", "explain"},
                                                 .query = {"rule", "namespace"},
                                                 .handle = explain_event};

}  // namespace signalbox::api
