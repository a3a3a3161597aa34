#include "store/fake/fake_store.hpp"

#include <algorithm>
#include <charconv>

#include "coordination/packed_id.hpp"
#include "event/json.hpp"
#include "rules/pattern/event_pattern.hpp"
#include "store/stored_record.hpp"

namespace signalbox {

void FakeStore::fail_with(std::optional<Error> error, bool lose_replies) {
  failure_ = std::move(error);
  lose_replies_ = lose_replies;
}

FakeStore::Kept* FakeStore::find_record(const std::string& id) {
  const auto found = records_.find(id);
  if (found == records_.end() || found->second.until <= clock_.now()) return nullptr;
  return &found->second;
}

// As in commit.lua: a segment counts until a window after it was closed.
const std::string* FakeStore::find_fact(const Seen& seen) {
  auto& segments = families_[seen.family];
  Time closed = clock_.now();
  std::size_t live = 0;
  for (; live < segments.size(); ++live) {
    const Segment& segment = segments[live];
    closed = std::min(closed, segment.start + segment.window);
    if (closed + segment.window <= clock_.now()) break;
    closed = segment.start;
  }
  segments.resize(live);
  for (const Segment& segment : segments) {
    const auto found = segment.facts.find(seen.fingerprint);
    if (found != segment.facts.end()) return &found->second;
  }
  return nullptr;
}

void FakeStore::remember(const Seen& seen, const std::string& event) {
  auto& segments = families_[seen.family];
  if (segments.empty() || clock_.now() >= segments.front().start + segments.front().window) {
    segments.push_front(Segment{clock_.now(), seen.window, {}});
  }
  segments.front().facts[seen.fingerprint] = event;
}

// A record that is kept for the window is the memory of its own id.
bool FakeStore::is_kept_by_record(const Seen& seen, const Commit& commit) {
  return seen.fingerprint == pack_id(commit.record.event) && commit.record.keep >= seen.window;
}

std::optional<CommitResult> FakeStore::find_first(const Commit& commit, const Kept* own) {
  if (own != nullptr && own->attempt == commit.record.attempt) return CommitResult{};
  for (const Seen& seen : commit.seen) {
    if (own == nullptr || own->event.outcome != Outcome::accepted) break;
    if (!is_kept_by_record(seen, commit)) continue;
    CommitResult result;
    result.status = CommitStatus::duplicate;
    result.first_event = commit.record.event;
    result.first_record = own->event.record;
    return result;
  }
  for (const Seen& seen : commit.seen) {
    if (is_kept_by_record(seen, commit)) continue;
    const std::string* first = find_fact(seen);
    if (first == nullptr) continue;
    const Kept* record = *first == commit.record.event ? own : find_record(*first);
    if (record != nullptr && record->event.outcome != Outcome::accepted) continue;
    CommitResult result;
    result.status = CommitStatus::duplicate;
    result.first_event = *first;
    if (record != nullptr) result.first_record = record->event.record;
    return result;
  }
  return std::nullopt;
}

std::optional<std::string> FakeStore::find_full(const Commit& commit) {
  std::map<std::string, std::set<std::string>> after;
  for (const Append& append : commit.appends) {
    auto [ids, fresh] = after.try_emplace(append.mailbox);
    if (fresh) {
      for (const auto& [id, message] : mailboxes_[append.mailbox].messages) ids->second.insert(id);
    }
    ids->second.insert(append.id);
  }
  for (const Append& append : commit.appends) {
    if (after[append.mailbox].size() > commit.mailbox_max) return append.mailbox;
  }
  return std::nullopt;
}

Result<CommitResult> FakeStore::decide(const Commit& commit) {
  const Kept* own = find_record(commit.record.event);
  if (auto first = find_first(commit, own)) return std::move(*first);
  if (auto full = find_full(commit)) {
    CommitResult result;
    result.status = CommitStatus::mailbox_full;
    result.full_mailbox = *full;
    return result;
  }
  for (const Seen& seen : commit.seen) {
    if (!is_kept_by_record(seen, commit)) remember(seen, commit.record.event);
  }
  StoredEvent event{commit.record.outcome, commit.record.json, std::nullopt};
  if (!commit.record.body.empty()) event.body = commit.record.body;
  if (commit.record.listed && own == nullptr) listed_.push_back(commit.record.event);
  records_[commit.record.event] = Kept{std::move(event), commit.record.attempt,
                                       commit.record.received, clock_.now() + commit.record.keep};
  if (!commit.alias.name.empty()) {
    aliases_[commit.alias.name] = {commit.alias.work, clock_.now() + alias_keep};
  }
  for (const Append& append : commit.appends) {
    this->append(append.mailbox, append.group.empty() ? append.id : append.group, append.id,
                 append.json);
  }
  return CommitResult{};
}

Task<Result<CommitResult>> FakeStore::commit(const Commit& commit, Deadline) {
  if (failure_ && !lose_replies_) co_return *failure_;
  auto result = decide(commit);
  if (failure_) co_return *failure_;
  co_return result;
}

Task<Result<std::optional<std::string>>> FakeStore::find_work(std::string alias, Deadline) {
  if (failure_) co_return *failure_;
  const auto found = aliases_.find(alias);
  const bool there = found != aliases_.end() && clock_.now() < found->second.second;
  co_return there ? std::optional{found->second.first} : std::nullopt;
}

Task<Result<std::optional<StoredEvent>>> FakeStore::event(std::string id, Deadline) {
  if (failure_) co_return *failure_;
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
  const Json work = (*record)["work"];
  return query.work.empty() || (*record)["subject"].string_or("") == query.work ||
         work["id"].string_or("") == query.work || work["canonical"].string_or("") == query.work ||
         work["readable"].string_or("") == query.work || is_one_of(work["aliases"], query.work);
}

// Its cursors count from the first event ever, as `0:<position>`.
Task<Result<EventPage>> FakeStore::events(const EventQuery& query, Deadline) {
  if (failure_) co_return *failure_;
  const auto from = parse_cursor(query.cursor);
  if (!from || query.max == 0 || query.max > events_max)
    co_return out_of_bounds(from ? "max" : "cursor");
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
  if (failure_) co_return *failure_;
  if (find_record(event) == nullptr) co_return false;
  bodies_[event] = {std::move(body), clock_.now() + keep};
  co_return true;
}

Task<Result<bool>> FakeStore::ping(Deadline) {
  if (failure_) co_return *failure_;
  co_return true;
}

}  // namespace signalbox
