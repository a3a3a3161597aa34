#include "coordination/replay.hpp"

#include <fmt/format.h>

#include <cassert>

#include "coordination/packed_id.hpp"
#include "coordination/record.hpp"
#include "event/json_escape.hpp"
#include "event/json_writer.hpp"

namespace signalbox {
namespace {

std::string key_digest(const ReplayCommand& replay) {
  return to_hex(sha256_of_parts({replay.caller, replay.idempotency_key}));
}

}  // namespace

std::string replay_id(std::string_view event, unsigned generation) {
  return "r_" + base62(sha256_of_parts({"replay", event, fmt::to_string(generation)}));
}

Commit plan_replay(const ReplayCommand& replay, const Decision& decision, std::string attempt) {
  assert(attempt.size() == attempt_chars && replay.generation > 0 && replay.keep.count() > 0);
  Commit commit;
  commit.mailbox_max = replay.room.messages;
  commit.mailbox_bytes_max = replay.room.bytes;
  commit.record.event = replay_id(replay.event, replay.generation);
  commit.record.listed = false;
  commit.record.keep = replay.keep;
  commit.record.received = replay.at;
  commit.record.attempt = std::move(attempt);
  JsonObject record{commit.record.json};
  record.text("event", replay.event).number("generation", replay.generation);
  record.text("at", format_time(replay.at)).text("by", replay.caller);
  if (!replay.idempotency_key.empty()) record.text("key", key_digest(replay));
  record.text("request", to_hex(sha256(replay.request))).text("ruleset", replay.ruleset);
  record.raw("rules", json_list(decision.matched));
  record.raw("failures", failures_json(decision.failures));
  record.raw("messages", messages_json(decision.messages)).close();
  commit.seen.push_back(Seen{"replay", *pack_id(commit.record.event), replay.keep});
  for (const OutgoingMessage& message : decision.messages) {
    commit.appends.push_back(Append{message.mailbox, group_of(message), message.id, message.json});
  }
  return commit;
}

Result<bool> is_same_replay(Json record, const ReplayCommand& replay) {
  if (replay.idempotency_key.empty() || record["key"].string_or("") != key_digest(replay)) {
    return false;
  }
  if (record["request"].string_or("") != to_hex(sha256(replay.request))) {
    return Error{Reason::idempotency_conflict, "the first request under this key was another one"};
  }
  return true;
}

}  // namespace signalbox
