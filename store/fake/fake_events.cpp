// FakeStore: events, their bodies and what their works are called; as events.lua and archive.lua
// have them.
#include <algorithm>
#include <charconv>

#include "event/json.hpp"
#include "rules/pattern/event_pattern.hpp"
#include "store/fake/fake_store.hpp"
#include "store/request_bounds.hpp"
#include "store/stored_record.hpp"

namespace signalbox {

FakeStore::Kept* FakeStore::find_record(const std::string& id) {
  const auto found = records_.find(id);
  if (found == records_.end() || found->second.until <= clock_.now()) return nullptr;
  return &found->second;
}

Task<Result<std::optional<std::string>>> FakeStore::find_work(std::string alias, Deadline) {
  const auto found = aliases_.find(alias);
  const bool there = found != aliases_.end() && clock_.now() < found->second.second;
  co_return there ? std::optional{found->second.first} : std::nullopt;
}

Task<Result<std::optional<StoredEvent>>> FakeStore::event(std::string id, Deadline) {
  const Kept* record = find_record(id);
  if (record == nullptr) co_return std::optional<StoredEvent>{};
  StoredEvent found = record->event;
  const auto body = bodies_.find(id);
  if (!found.body && body != bodies_.end() && body->second.second > clock_.now()) {
    found.body = body->second.first;
  }
  co_return std::optional<StoredEvent>{std::move(found)};
}

bool FakeStore::is_wanted(const Kept& kept, const EventQuery& query) {
  if (query.since && kept.received < *query.since) return false;
  if (query.before && kept.received >= *query.before) return false;
  if (query.outcome && kept.event.outcome != *query.outcome) return false;
  JsonDocument document;
  const auto record = document.parse_copy(kept.event.record);
  if (!record) return false;
  if (!query.source.empty() && (*record)["source"].string_or("") != query.source) return false;
  if (!query.type.empty()) {
    const auto pattern = EventPattern::parse(query.type);
    if (!pattern || !pattern->covers((*record)["type"].string_or(""))) return false;
  }
  const auto is_one_of = [](Json list, const std::string& text) {
    for (const Json each : list.elements()) {
      if (each.string_or("") == text) return true;
    }
    return false;
  };
  if (!query.rule.empty() && !is_one_of((*record)["rules"], query.rule)) return false;
  if (!query.delivery.empty() && (*record)["delivery"].string_or("") != query.delivery)
    return false;
  const Json work = (*record)["work"];
  if (!query.work_id.empty() && work["id"].string_or("") == query.work_id) return true;
  return query.work.empty() || (*record)["subject"].string_or("") == query.work ||
         work["id"].string_or("") == query.work || work["canonical"].string_or("") == query.work ||
         work["readable"].string_or("") == query.work || is_one_of(work["aliases"], query.work);
}

// Its cursors count from the first event ever, as `0:<position>`.
Task<Result<EventPage>> FakeStore::events(const EventQuery& query, Deadline) {
  if (auto wrong = check(query)) co_return std::move(*wrong);
  const auto from = parse_cursor(query.cursor);
  std::size_t position = listed_.size();
  if (!query.cursor.empty()) {
    std::from_chars(from->position.data(), from->position.data() + from->position.size(), position);
    position = std::min(position, listed_.size());
  }
  EventPage page;
  std::uint32_t looked = 0;
  for (; position > 0 && page.events.size() < query.max; --position) {
    if (looked++ == events_looked_max) break;
    const Kept* record = find_record(listed_[position - 1]);
    if (record == nullptr || !is_wanted(*record, query)) continue;
    page.events.push_back(StoredEvent{record->event.outcome, record->event.record, std::nullopt});
  }
  if (position > 0) page.next = "0:" + std::to_string(position);
  co_return page;
}

Task<Result<bool>> FakeStore::archive_body(std::string event, std::string body, Milliseconds keep,
                                           Deadline) {
  if (auto wrong = check_keep(keep)) co_return std::move(*wrong);
  if (find_record(event) == nullptr) co_return false;
  bodies_[event] = {std::move(body), clock_.now() + keep};
  co_return true;
}

}  // namespace signalbox
