// From a decision to the one commit that makes it durable, and back from a stored record to its
// event. Pure.
//
// A record is JSON with the fields of docs/API.md, "Events":
//   id source connector type delivery subject received rules failures[{rule,detail}] ruleset
//   messages[{id,mailbox,rule,kind}] actor{id,name,kind} trust
//   work{id,canonical,readable,aliases} references[{target,relation,seen,trust}] traceparent
//   body_bytes
// `subject`, `work`, `references` and `traceparent` are missing where the event has none. The
// outcome stands beside the record (Record::outcome).
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "coordination/commit.hpp"
#include "event/event.hpp"
#include "rules/rule_set.hpp"

namespace signalbox {

// Messages and no failures: accepted; both: partly_dropped; failures only: dropped. Else no_match.
Outcome outcome_of(const Decision& decision) noexcept;

// Parts of records: `[{"id":…,"mailbox":…,"rule":…,"kind":…},…]`, `[{"rule":…,"detail":…},…]`.
std::string messages_json(const std::vector<OutgoingMessage>& messages);
std::string failures_json(const std::vector<RuleFailure>& failures);

// The record's JSON. `ruleset` is the digest of the rules that decided.
std::string event_record(const Event& event, const Decision& decision, std::string_view ruleset);

struct IngestTerms {
  Milliseconds id_window{};      // 0: deliveries of the same id are not recognised
  Milliseconds digest_window{};  // 0: equal bodies are not recognised, whatever their events' names
  Milliseconds keep{};           // of record and body; more than 0
  std::uint64_t mailbox_max = 0;
  std::uint64_t mailbox_bytes_max = any_bytes;
};

// The FIFO group of a message. A `control` message has one of its own, since it has to reach an
// agent that holds the work; the store hands such groups out before others.
inline constexpr std::string_view control_group = "control:";
std::string group_of(const OutgoingMessage& message);

// The commit of an event. `body` is compressed (store/archive.hpp), or empty where it is archived
// apart: the event's messages cite it, so it belongs to the commit when there are any. `attempt`
// has `attempt_chars` characters and stays the same over all tries of one delivery. Takes the texts
// of the decision's messages and leaves their kinds.
Commit plan_ingest(const Event& event, Decision& decision, std::string_view ruleset,
                   const IngestTerms& terms, std::string attempt, std::string body);

// A delivery came again after it was partly dropped, as `first` tells: takes out of its commit what
// was sent then, by rule and mailbox, and has the record tell of both. The positions of the appends
// that were taken out, the last first.
std::vector<std::size_t> follow_partly_dropped(Commit& commit, const CommitResult& first);

// A message that a caller sends through the API.
struct SendCommand {
  std::string caller;           // "agent:<name>" or "operator:<name>"
  std::string idempotency_key;  // empty: each call is its own, `attempt` takes its place
  std::string_view
      request;  // what was asked, canonical: another request under the same key is a conflict
  std::string answer;  // JSON: what the caller is told now and on each repetition
  std::vector<OutgoingMessage> messages;
  Time received{};  // of the call
};

inline constexpr Milliseconds idempotency_window = std::chrono::hours{24};

// The id of the record of what a caller sent under a key.
std::string send_record_id(std::string_view caller, std::string_view key);

// Agents fill a mailbox up to a half only, and one of them to a quarter: the rest is kept for rules
// and operators, so that no agent keeps webhooks out.
inline constexpr std::uint64_t agents_share = 2;
inline constexpr std::uint64_t sender_share = 4;

// Its commit. A repetition is a duplicate, whose first_record read_send_record() understands.
Commit plan_send(const SendCommand& send, const MailboxRoom& room, std::string attempt);

// What an earlier send under the same key was answered. idempotency_conflict when it was another
// request; internal_error for a record that is none.
Result<std::string> read_send_record(std::string_view record, std::string_view request);

// The event of a record, for `explain`: what rules can see of it, but for headers. The views of the
// result are those of `body`. internal_error for a record that is none.
Result<Event> restore_event(Json record, Json body);

}  // namespace signalbox
