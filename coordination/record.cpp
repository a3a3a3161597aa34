#include "coordination/record.hpp"

#include <algorithm>
#include <array>
#include <cassert>
#include <utility>

#include "coordination/packed_id.hpp"
#include "event/json_escape.hpp"
#include "event/json_writer.hpp"
#include "event/trace_context.hpp"

namespace signalbox {
namespace {

constexpr std::size_t record_bytes_usual = 1536;

Error not_a_record(std::string_view what) {
  return Error{Reason::internal_error, std::string{"a stored record has no valid "}.append(what)};
}

void append_messages(std::string& out, const std::vector<OutgoingMessage>& messages) {
  JsonArray array{out};
  for (const OutgoingMessage& message : messages) {
    JsonObject{array.element()}
        .text("id", message.id)
        .text("mailbox", message.mailbox)
        .text("rule", message.rule)
        .text("kind", to_string(message.kind))
        .close();
  }
  array.close();
}

void append_failures(std::string& out, const std::vector<RuleFailure>& failures) {
  JsonArray array{out};
  for (const RuleFailure& failure : failures) {
    JsonObject{array.element()}.text("rule", failure.rule).text("detail", failure.detail).close();
  }
  array.close();
}

void append_actor(std::string& out, const Actor& actor) {
  JsonObject{out}
      .text("id", actor.id)
      .text("name", actor.name)
      .text("kind", to_string(actor.kind))
      .close();
}

void append_work(std::string& out, const WorkRef& work) {
  JsonObject object{out};
  object.text("id", work.id);
  object.text("canonical", work.canonical).text("readable", work.readable);
  append_json_list(object.value("aliases"), work.aliases);
  object.close();
}

void append_references(std::string& out, const std::vector<Reference>& references) {
  JsonArray array{out};
  for (const Reference& reference : references) {
    JsonObject{array.element()}
        .text("target", reference.target)
        .text("relation", to_string(reference.relation))
        .text("seen", to_string(reference.seen))
        .text("trust", to_string(reference.trust))
        .close();
  }
  array.close();
}

Fingerprint fingerprint_of(const Digest& digest) {
  Fingerprint fingerprint;
  std::transform(digest.begin(), digest.begin() + fingerprint.size(), fingerprint.begin(),
                 [](std::uint8_t byte) { return static_cast<char>(byte); });
  return fingerprint;
}

ActorKind actor_kind_of(std::string_view name) {
  for (ActorKind kind : {ActorKind::human, ActorKind::bot, ActorKind::app}) {
    if (to_string(kind) == name) return kind;
  }
  return ActorKind::unknown;
}

Trust trust_of(Json name) { return parse_trust(name.string_or({})).value_or(Trust::outsider); }

// An older or newer version may have written the record: what this one does not know is left out.
std::vector<Reference> references_of(Json json) {
  std::vector<Reference> references;
  for (const Json each : json.elements()) {
    const auto relation = parse_relation(each["relation"].string_or(""));
    const auto seen = parse_reference_place(each["seen"].string_or(""));
    if (!relation || !seen || references.size() == references_max) continue;
    references.push_back(
        {std::string{each["target"].string_or("")}, *relation, *seen, trust_of(each["trust"])});
  }
  return references;
}

std::optional<WorkRef> work_of(Json json) {
  if (!json.is(JsonKind::object)) return std::nullopt;
  WorkRef work{std::string{json["canonical"].string_or("")},
               std::string{json["readable"].string_or("")}};
  for (Json alias : json["aliases"].elements()) work.aliases.emplace_back(alias.string_or(""));
  return work;
}

// At least one.
std::uint64_t part_of(std::uint64_t whole, std::uint64_t share) {
  return std::max<std::uint64_t>(1, whole / share);
}

}  // namespace

std::string group_of(const OutgoingMessage& message) {
  if (message.kind != MessageKind::control) return message.work;
  return std::string{control_group}.append(message.work).append(":").append(message.id);
}

std::string messages_json(const std::vector<OutgoingMessage>& messages) {
  std::string out;
  append_messages(out, messages);
  return out;
}

std::string failures_json(const std::vector<RuleFailure>& failures) {
  std::string out;
  append_failures(out, failures);
  return out;
}

Outcome outcome_of(const Decision& decision) noexcept {
  if (!decision.messages.empty()) return Outcome::accepted;
  return decision.failures.empty() ? Outcome::no_match : Outcome::failed;
}

std::string event_record(const Event& event, const Decision& decision, std::string_view ruleset) {
  std::string out;
  out.reserve(record_bytes_usual);
  JsonObject object{out};
  object.text("id", event.id).text("source", event.source).text("connector", event.connector);
  object.text("type", event.type).text("delivery", event.delivery);
  if (!event.subject.empty()) object.text("subject", event.subject);
  object.time("received", event.time);
  append_json_list(object.value("rules"), decision.matched);
  append_failures(object.value("failures"), decision.failures);
  append_messages(object.text("ruleset", ruleset).value("messages"), decision.messages);
  append_actor(object.value("actor"), event.actor);
  object.text("trust", to_string(event.trust));
  if (event.work) append_work(object.value("work"), *event.work);
  if (!event.references.empty()) append_references(object.value("references"), event.references);
  if (!event.traceparent.empty()) object.text("traceparent", event.traceparent);
  object.number("body_bytes", event.body.raw().size()).close();
  return out;
}

Commit plan_ingest(const Event& event, Decision& decision, std::string_view ruleset,
                   const IngestTerms& terms, std::string attempt, std::string body) {
  assert(attempt.size() == attempt_chars && terms.keep.count() > 0);
  Commit commit;
  commit.mailbox_max = terms.mailbox_max;
  commit.mailbox_bytes_max = terms.mailbox_bytes_max;
  commit.seen.reserve(2);
  const auto own = pack_id(event.id);
  if (own && terms.id_window.count() > 0) {
    commit.seen.push_back(Seen{"id:" + event.source, *own, terms.id_window});
  }
  if (event.digest_guards && terms.digest_window.count() > 0) {
    commit.seen.push_back(
        Seen{"digest:" + event.source, fingerprint_of(event.digest), terms.digest_window});
  }
  commit.record.event = event.id;
  commit.record.outcome = outcome_of(decision);
  commit.record.attempt = std::move(attempt);
  if (event.work) commit.alias = {event.work->readable, event.work->id};
  commit.record.json = event_record(event, decision, ruleset);
  commit.record.body = std::move(body);
  commit.record.keep = terms.keep;
  commit.record.received = event.time;
  commit.appends.reserve(decision.messages.size());
  for (OutgoingMessage& message : decision.messages) {
    std::string group =
        message.kind == MessageKind::control ? group_of(message) : std::move(message.work);
    commit.appends.push_back(Append{std::move(message.mailbox), std::move(group),
                                    std::move(message.id), std::move(message.json)});
  }
  return commit;
}

std::string send_record_id(std::string_view caller, std::string_view key) {
  return "s_" + base62(sha256_of_parts({"send", caller, "key", key}));
}

Commit plan_send(const SendCommand& send, const MailboxRoom& room, std::string attempt) {
  assert(attempt.size() == attempt_chars);
  Commit commit;
  commit.mailbox_max = room.messages;
  commit.mailbox_bytes_max = room.bytes;
  if (send.caller.starts_with("agent:")) {
    commit.mailbox_max = part_of(room.messages, agents_share);
    commit.mailbox_bytes_max = part_of(room.bytes, agents_share);
    commit.quota = {send.caller, part_of(room.messages, sender_share),
                    part_of(room.bytes, sender_share)};
  }
  commit.record.event =
      send.idempotency_key.empty()
          ? "s_" + base62(sha256_of_parts({"send", send.caller, "attempt", attempt}))
          : send_record_id(send.caller, send.idempotency_key);
  commit.record.listed = false;
  commit.record.keep = idempotency_window;
  commit.record.received = send.received;
  JsonObject{commit.record.json}
      .text("request", to_hex(sha256(send.request)))
      .raw("answer", send.answer)
      .close();
  commit.seen.push_back(Seen{"send", *pack_id(commit.record.event), idempotency_window});
  commit.record.attempt = std::move(attempt);
  commit.appends.reserve(send.messages.size());
  for (const OutgoingMessage& message : send.messages) {
    commit.appends.push_back({message.mailbox, group_of(message), message.id, message.json});
  }
  return commit;
}

Result<std::string> read_send_record(std::string_view record, std::string_view request) {
  JsonDocument document;
  const auto json = document.parse_copy(record);
  if (!json || !(*json)["answer"]) return not_a_record("answer");
  if ((*json)["request"].string_or("") != to_hex(sha256(request))) {
    return Error{Reason::idempotency_conflict, "the first request under this key was another one"};
  }
  return std::string{(*json)["answer"].raw()};
}

Result<Event> restore_event(Json record, Json body) {
  const auto received = parse_time(record["received"].string_or(""));
  if (!received) return not_a_record("time");
  Event event;
  event.id = record["id"].string_or("");
  if (!pack_id(event.id)) return not_a_record("id");
  event.source = record["source"].string_or("");
  event.connector = record["connector"].string_or("");
  event.type = record["type"].string_or("");
  event.delivery = record["delivery"].string_or("");
  event.subject = record["subject"].string_or("");
  event.actor.id = record["actor"]["id"].string_or("");
  event.actor.name = record["actor"]["name"].string_or("");
  event.actor.kind = actor_kind_of(record["actor"]["kind"].string_or(""));
  event.trust = trust_of(record["trust"]);
  event.time = *received;
  event.work = work_of(record["work"]);
  event.references = references_of(record["references"]);
  event.traceparent = parse_traceparent(record["traceparent"].string_or("")).value_or("");
  event.body = body;
  return event;
}

}  // namespace signalbox
