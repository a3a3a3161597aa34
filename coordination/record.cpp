#include "coordination/record.hpp"

#include <algorithm>
#include <array>
#include <cassert>
#include <functional>
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

// Among appends, by the message's id; their number where it is none of them.
std::size_t position_of(const std::vector<Append>& appends, std::string_view id) {
  const auto found = std::ranges::find(appends, id, &Append::id);
  return static_cast<std::size_t>(found - appends.begin());
}

// Whether the rule has written to the mailbox already, be it with another message.
bool has_sent(Json messages, Json wanted) {
  for (const Json sent : messages.elements()) {
    if (sent["rule"].string() == wanted["rule"].string() &&
        sent["mailbox"].string() == wanted["mailbox"].string())
      return true;
  }
  return false;
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
  if (decision.messages.empty())
    return decision.failures.empty() ? Outcome::no_match : Outcome::dropped;
  return decision.failures.empty() ? Outcome::accepted : Outcome::partly_dropped;
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
  // A body without anything of its own is remembered too: for its event's name, and its guard.
  const bool told_apart =
      event.digest_guards || event.name_tag != 0 || event.repeat_guard.count() > 0;
  if (told_apart && terms.digest_window.count() > 0) {
    Seen fact{"digest:" + event.source, fingerprint_of(event.digest), terms.digest_window};
    if (!event.digest_guards) fact.guard = std::min(event.repeat_guard, terms.digest_window);
    commit.seen.push_back(std::move(fact));
  }
  commit.record.event = event.id;
  commit.record.outcome = outcome_of(decision);
  commit.record.attempt = std::move(attempt);
  if (event.work) commit.alias = {event.work->readable, event.work->id};
  commit.record.json = event_record(event, decision, ruleset);
  commit.record.body = std::move(body);
  commit.record.keep = terms.keep;
  commit.record.received = event.time;
  commit.record.name_tag = event.name_tag;
  commit.appends.reserve(decision.messages.size());
  for (OutgoingMessage& message : decision.messages) {
    std::string group =
        message.kind == MessageKind::control ? group_of(message) : std::move(message.work);
    commit.appends.push_back(Append{std::move(message.mailbox), std::move(group),
                                    std::move(message.id), std::move(message.json)});
  }
  return commit;
}

std::vector<std::size_t> follow_partly_dropped(Commit& commit, const CommitResult& first) {
  assert(first.status == CommitStatus::partly_dropped);
  JsonDocument earlier_document;
  JsonDocument own_document;
  const auto earlier = earlier_document.parse_copy(first.first_record);
  const auto own = own_document.parse_copy(commit.record.json);
  commit.follows = first.first_attempt;
  if (!earlier || !own) return {};
  std::vector<std::size_t> sent;
  std::string messages;
  JsonArray list{messages};
  for (const Json each : (*earlier)["messages"].elements()) list.element() += each.raw();
  for (const Json message : (*own)["messages"].elements()) {
    const std::size_t at = position_of(commit.appends, message["id"].string_or(""));
    if (!has_sent((*earlier)["messages"], message)) {
      list.element() += message.raw();
    } else if (at < commit.appends.size()) {
      sent.insert(sent.begin(), at);
    }
  }
  list.close();
  std::ranges::sort(sent, std::greater<>{});
  for (const std::size_t at : sent)
    commit.appends.erase(commit.appends.begin() + static_cast<std::ptrdiff_t>(at));
  // No text of the record looks like the JSON around it: its quotes are escaped.
  const std::string before = std::string{"\"messages\":"}.append((*own)["messages"].raw());
  const std::size_t at = commit.record.json.find(before);
  assert(at != std::string::npos);
  commit.record.json.replace(at, before.size(), "\"messages\":" + messages);
  const bool failed = static_cast<bool>((*own)["failures"].at(0));
  commit.record.outcome = failed ? Outcome::partly_dropped : Outcome::accepted;
  return sent;
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
