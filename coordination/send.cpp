// From what a caller sends to its one commit, and back from the record of it.
#include <algorithm>
#include <cassert>

#include "coordination/packed_id.hpp"
#include "coordination/record.hpp"
#include "event/ids.hpp"
#include "event/json.hpp"
#include "event/json_writer.hpp"

namespace signalbox {
namespace {

// At least one.
std::uint64_t part_of(std::uint64_t whole, std::uint64_t share) {
  return std::max<std::uint64_t>(1, whole / share);
}

}  // namespace

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
  if (!json || !(*json)["answer"])
    return Error{Reason::internal_error, "a stored record has no valid answer"};
  if ((*json)["request"].string_or("") != to_hex(sha256(request))) {
    return Error{Reason::idempotency_conflict, "the first request under this key was another one"};
  }
  return std::string{(*json)["answer"].raw()};
}

}  // namespace signalbox
