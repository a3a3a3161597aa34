// POST /v1/events/<id>/replay: an archived event, decided anew by the rules of now.
#include "coordination/replay.hpp"

#include <fmt/format.h>
#include <boost/json/serialize.hpp>

#include <algorithm>

#include "coordination/record.hpp"
#include "event/json_escape.hpp"
#include "event/json_writer.hpp"
#include "gateway/api/dry_run.hpp"
#include "gateway/api/permission.hpp"
#include "gateway/api/route_table.hpp"
#include "gateway/api/stored_event.hpp"
#include "gateway/hooks/decision.hpp"
#include "gateway/telemetry/message_counters.hpp"

namespace signalbox::api {
namespace {

constexpr std::size_t rules_named_max = 100;
constexpr int collisions_max = 5;  // with replays of others at the same moment

struct ReplayCall {
  std::string event;
  std::string caller;
  std::string key;
  std::string request;  // canonical
  std::vector<std::string> rules;
  bool dry_run = false;
};

Result<ReplayCall> read_replay(const Call& call) {
  ReplayCall wanted;
  const auto body = body_object(call, {"rules", "dry_run"});
  if (!body) return body.error();
  if (body->contains("rules")) {
    auto rules = texts_member(*body, "rules", rules_named_max);
    if (!rules) return rules.error();
    wanted.rules = std::move(*rules);
  }
  for (const std::string& rule : wanted.rules) {
    if (call.runtime.find_rule(rule) == nullptr) {
      return Error{Reason::not_found,
                   fmt::format("no rule '{}' is loaded{}", rule, known_rules(call, rule))};
    }
  }
  if (const auto* dry_run = body->if_contains("dry_run")) {
    if (!dry_run->is_bool()) return Error{Reason::invalid_argument, "'dry_run' is true or false"};
    wanted.dry_run = dry_run->get_bool();
  }
  auto key = idempotency_key(call);
  if (!key) return key.error();
  wanted.event = call.parts[2];
  wanted.caller = "operator:" + call.principal->name;
  wanted.key = std::move(*key);
  wanted.request = boost::json::serialize(*body);
  return wanted;
}

ReplayCommand command_of(const Call& call, const ReplayCall& wanted, std::size_t replays) {
  ReplayCommand replay;
  replay.event = wanted.event;
  replay.generation = static_cast<unsigned>(replays + 1);
  replay.caller = wanted.caller;
  replay.idempotency_key = wanted.key;
  replay.request = wanted.request;
  replay.ruleset = call.runtime.config->rules->digest();
  replay.at = call.request.received;
  // A redelivery without messages begins the event's time anew, and must not outlive its replays:
  // their numbers would come again, and with them the ids of their messages.
  replay.keep = 2 * call.runtime.config->keep_events;
  replay.room = call.runtime.config->mailbox_room();
  return replay;
}

// Answers from a replay's record, so that a repetition is answered as the first call was.
Response replayed(std::string_view record_text, unsigned status) {
  JsonDocument document;
  const auto record = document.parse_copy(record_text);
  if (!record) return respond(record.error());
  Response response;
  response.status = status;
  JsonObject answer{response.body};
  answer.text("status", "accepted");
  for (const char* member : {"event", "generation", "ruleset", "rules", "messages", "failures"}) {
    answer.raw(member, (*record)[member].raw());
  }
  answer.close();
  return response;
}

Response not_replayed(const Call& call, const ReplayCall& wanted, const Decision& decision) {
  Response response;
  JsonObject answer{response.body};
  answer.text("status", status_of(decision)).text("event", wanted.event);
  answer.boolean("dry_run", wanted.dry_run).text("ruleset", call.runtime.config->rules->digest());
  answer.raw("rules", json_list(decision.matched));
  answer.raw("messages", whole_messages_json(decision));
  answer.raw("failures", failures_json(decision.failures)).close();
  return response;
}

// The answer, or nothing where another replay has taken the number meanwhile.
Task<std::optional<Response>> replay_once(Call& call, const ReplayCall& wanted,
                                          const Event& event) {
  const auto before = co_await replays_of(call, wanted.event);
  if (!before) co_return respond(before.error());
  const ReplayCommand replay = command_of(call, wanted, before->size());
  for (const std::string& text : *before) {
    JsonDocument document;
    const auto record = document.parse_copy(text);
    if (!record) co_return respond(record.error());
    const auto same = is_same_replay(*record, replay);
    if (!same) co_return respond(same.error());
    if (*same) co_return replayed(text, 200);
  }
  if (before->size() >= replays_max) {
    co_return respond(Error{Reason::invalid_argument, "this event was replayed 100 times"});
  }
  const Config& config = *call.runtime.config;
  Decision decision = config.rules->decide_again(event, replay.generation, wanted.rules);
  keep_within(call.space, config, decision);
  if (wanted.dry_run || decision.messages.empty()) co_return not_replayed(call, wanted, decision);
  const Commit commit = plan_replay(replay, decision, random_text(attempt_chars));
  const Deadline deadline = call_deadline();
  const auto result = co_await call.store->commit(commit, deadline);
  if (!result) co_return respond(result.error());
  if (result->status == CommitStatus::duplicate) co_return std::nullopt;
  if (result->status == CommitStatus::mailbox_full) {
    co_return respond(
        Error{Reason::mailbox_full, "mailbox '" + result->full_mailbox + "' is full"});
  }
  for (const OutgoingMessage& message : decision.messages) {
    call.counters().messages.add(message.kind);
  }
  co_return replayed(commit.record.json, 201);
}

Task<Response> replay_event(Call& call) {
  const auto wanted = read_replay(call);
  if (!wanted) co_return respond(wanted.error());
  if (call.trail != nullptr) call.trail->dry_run = wanted->dry_run;
  if (const auto refused = refuse_change(call); refused && !wanted->dry_run) {
    co_return respond(*refused);
  }
  const auto stored = co_await find_event(call, wanted->event);
  if (!stored) co_return respond(stored.error());
  RestoredEvent restored;
  const auto done = restored.restore(*stored, call.runtime.config->hooks.max_body);
  if (!done) co_return respond(done.error());
  for (int i = 0; i < collisions_max; ++i) {
    auto answer = co_await replay_once(call, *wanted, restored.event());
    if (answer) co_return std::move(*answer);
  }
  co_return respond(Error{Reason::overloaded, "others replay the same event"});
}

}  // namespace

extern constinit const Route replay_event_route{.method = "POST",
                                                .path = {"v1", "events", "*", "replay"},
                                                .access = Access::operators,
                                                .effect = Effect::unless_dry_run,
                                                .query = {"namespace"},
                                                .handle = replay_event};

}  // namespace signalbox::api
