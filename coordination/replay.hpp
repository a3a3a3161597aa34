// A replay: an archived event decided anew by the rules of now, for an operator. Its messages have
// ids of their own (invariant M6), and it has a record, so that it happens once and can be seen.
// Replays of an event are numbered from 1; its own delivery was 0. Pure.
//
// A record is JSON: event generation at by key request ruleset rules failures messages, the last
// three as in an event's record; `key` and `request` are digests.
#pragma once

#include <string>
#include <string_view>

#include "coordination/commit.hpp"
#include "event/error.hpp"
#include "event/json.hpp"
#include "rules/rule_set.hpp"

namespace signalbox {

inline constexpr unsigned replays_max = 100;  // of one event

std::string replay_id(std::string_view event, unsigned generation);  // "r_…"

struct ReplayCommand {
  std::string_view event;
  unsigned generation = 1;
  std::string_view caller;           // "operator:<name>"
  std::string_view idempotency_key;  // may be empty
  std::string_view request;          // what was asked, canonical
  std::string_view ruleset;          // digest of the rules that decided
  Time at{};
  Milliseconds keep{};  // longer than the event, whose redelivery may begin its time anew
  MailboxRoom room;
};

// Its commit: a duplicate when another replay has taken the number.
Commit plan_replay(const ReplayCommand& replay, const Decision& decision, std::string attempt);

// Whether a replay's record is of a call with this key. idempotency_conflict when it is, and asked
// for something else.
Result<bool> is_same_replay(Json record, const ReplayCommand& replay);

}  // namespace signalbox
