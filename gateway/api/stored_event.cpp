#include "gateway/api/stored_event.hpp"

#include "coordination/record.hpp"
#include "coordination/replay.hpp"
#include "store/archive.hpp"

namespace signalbox::api {
namespace {

// Whether a message that a record tells of went to this mailbox.
bool cites(const std::string& record_text, std::string_view mailbox) {
  JsonDocument document;
  const auto record = document.parse_copy(record_text);
  if (!record) return false;
  for (const Json message : (*record)["messages"].elements()) {
    if (message["mailbox"].string_or("") == mailbox) return true;
  }
  return false;
}

Error no_event() { return Error{Reason::not_found, "no such event, or it is no longer kept"}; }

}  // namespace

Task<Result<std::vector<std::string>>> replays_of(Call& call, std::string event) {
  std::vector<std::string> records;
  const Deadline deadline = call_deadline();
  while (records.size() < replays_max) {
    std::string id = replay_id(event, static_cast<unsigned>(records.size() + 1));
    const auto found = co_await call.store->event(std::move(id), deadline);
    if (!found) co_return found.error();
    if (!*found) break;
    records.push_back((*found)->record);
  }
  co_return records;
}

Task<Result<StoredEvent>> find_event(Call& call, std::string id) {
  const Deadline deadline = call_deadline();
  if (!id.starts_with("e_")) co_return no_event();
  auto found = co_await call.store->event(id, deadline);
  if (!found) co_return found.error();
  if (!*found) co_return no_event();
  call.note_id(id);
  const std::string_view mailbox = call.principal->name;
  const bool readable =
      call.principal->role == Principal::Role::operator_ || cites((*found)->record, mailbox);
  if (!readable) {
    const auto replays = co_await replays_of(call, std::move(id));
    if (!replays) co_return replays.error();
    bool cited = false;
    for (const std::string& replay : *replays) cited = cited || cites(replay, mailbox);
    if (!cited) co_return no_event();
  }
  co_return std::move(**found);
}

Result<bool> RestoredEvent::restore(const StoredEvent& stored, std::size_t body_bytes_max) {
  if (!stored.body) {
    return Error{Reason::not_found, "the event is known, but its body is no longer kept"};
  }
  const auto text = decompress_body(*stored.body, body_bytes_max);
  if (!text) return text.error();
  const auto record = record_document_.parse_copy(stored.record);
  if (!record) return record.error();
  const auto body = body_document_.parse_copy(*text);
  if (!body) return body.error();
  auto event = restore_event(*record, *body);
  if (!event) return event.error();
  record_ = *record;
  event_ = std::move(*event);
  return true;
}

}  // namespace signalbox::api
