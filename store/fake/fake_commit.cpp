// FakeStore: commits, as commit.lua decides them.
#include <algorithm>

#include "coordination/packed_id.hpp"
#include "store/fake/fake_store.hpp"
#include "store/request_bounds.hpp"

namespace signalbox {

// As in commit.lua: a segment counts until a window after it was closed.
const FakeStore::Fact* FakeStore::find_fact(const Seen& seen) {
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

void FakeStore::remember(const Seen& seen, const Fact& fact) {
  auto& segments = families_[seen.family];
  if (segments.empty() || clock_.now() >= segments.front().start + segments.front().window) {
    segments.push_front(Segment{clock_.now(), seen.window, {}});
  }
  segments.front().facts[seen.fingerprint] = fact;
}

bool FakeStore::is_within_guard(const Seen& seen, const Kept* first) const {
  if (!seen.guard) return true;
  if (seen.guard->count() == 0) return false;
  return first != nullptr && clock_.now() < first->received + *seen.guard;
}

// A record that is kept for the window is the memory of its own id.
bool FakeStore::is_kept_by_record(const Seen& seen, const Commit& commit) {
  return seen.fingerprint == pack_id(commit.record.event) && commit.record.keep >= seen.window;
}

// What an event sent is sent again by no other one, though it was not all.
bool FakeStore::is_final_for(const Kept& record, const std::string& event, const Commit& commit) {
  if (record.event.outcome == Outcome::accepted) return true;
  return record.event.outcome == Outcome::partly_dropped && event != commit.record.event;
}

std::optional<CommitResult> FakeStore::find_first(const Commit& commit, const Kept* own) {
  if (own != nullptr && own->attempt == commit.record.attempt) return CommitResult{};
  const bool to_follow = own != nullptr && own->event.outcome == Outcome::partly_dropped;
  if (to_follow && own->attempt != commit.follows) {
    CommitResult result;
    result.status = CommitStatus::partly_dropped;
    result.first_attempt = own->attempt;
    result.first_record = own->event.record;
    return result;
  }
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
    const Fact* first = find_fact(seen);
    if (first == nullptr) continue;
    CommitResult result;
    result.first_event = first->event;
    const std::uint16_t name_tag = commit.record.name_tag;
    if (first->name_tag != 0 && name_tag != 0 && first->name_tag != name_tag) {
      result.status = CommitStatus::event_mismatch;
      return result;
    }
    const Kept* record = first->event == commit.record.event ? own : find_record(first->event);
    if (!is_within_guard(seen, record)) continue;
    if (record != nullptr && !is_final_for(*record, first->event, commit)) continue;
    result.status = CommitStatus::duplicate;
    if (record != nullptr) result.first_outcome = record->event.outcome;
    if (record != nullptr) result.first_record = record->event.record;
    return result;
  }
  return std::nullopt;
}

// What a mailbox holds, of all and of one sender.
struct FakeStore::Fill {
  void add(std::string_view id, std::string_view group, std::string_view json,
           std::string_view sender) {
    const std::uint64_t size = 6 + id.size() + group.size() + json.size();
    ++count;
    bytes += size;
    const std::string named = "\"sender\":\"" + std::string{sender} + "\"";
    if (sender.empty() || json.find(named) == std::string_view::npos) return;
    ++senders;
    senders_bytes += size;
  }
  std::uint64_t count = 0, bytes = 0, senders = 0, senders_bytes = 0;
};

std::optional<CommitResult> FakeStore::find_full(const Commit& commit) {
  std::map<std::string, Fill> after;
  std::set<std::pair<std::string, std::string>> added;
  for (const Append& append : commit.appends) {
    auto [fill, fresh] = after.try_emplace(append.mailbox);
    const auto& held = mailboxes_[append.mailbox].messages;
    if (fresh) {
      for (const auto& [id, message] : held)
        fill->second.add(id, message.group, message.json, commit.quota.sender);
    }
    if (held.contains(append.id) || !added.emplace(append.mailbox, append.id).second) continue;
    fill->second.add(append.id, append.group.empty() ? append.id : append.group, append.json,
                     commit.quota.sender);
  }
  CommitResult result;
  for (const Append& append : commit.appends) {
    const Fill& fill = after[append.mailbox];
    const SenderQuota& quota = commit.quota;
    if (fill.count > commit.mailbox_max || fill.bytes > commit.mailbox_bytes_max) {
      result.status = CommitStatus::mailbox_full;
    } else if (!quota.sender.empty() &&
               (fill.senders > quota.messages_max || fill.senders_bytes > quota.bytes_max)) {
      result.status = CommitStatus::sender_full;
    } else {
      continue;
    }
    result.full_mailbox = append.mailbox;
    return result;
  }
  return std::nullopt;
}

Result<CommitResult> FakeStore::decide(const Commit& commit) {
  const Kept* own = find_record(commit.record.event);
  if (auto first = find_first(commit, own)) return std::move(*first);
  if (auto full = find_full(commit)) return std::move(*full);
  for (const Seen& seen : commit.seen) {
    if (is_kept_by_record(seen, commit)) continue;
    remember(seen, {commit.record.event, commit.record.name_tag});
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
  if (auto wrong = check(commit)) co_return std::move(*wrong);
  co_return decide(commit);
}

}  // namespace signalbox
