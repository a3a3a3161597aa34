// FakeStore: leasing, as receive.lua does it.
#include <algorithm>

#include "event/message.hpp"
#include "store/fake/fake_store.hpp"
#include "store/request_bounds.hpp"
#include "store/stored_record.hpp"

namespace signalbox {
namespace {

constexpr std::size_t turn_max = 200;
constexpr std::size_t heads_max = 200;
constexpr std::size_t left_max = 500;
constexpr std::size_t look_bytes_max = 4 * 1024 * 1024;

std::string_view kind_of(std::string_view json) {
  constexpr std::string_view before = "\"type\":\"dev.signalbox.";
  const std::size_t found = json.find(before);
  if (found == std::string_view::npos) return {};
  json.remove_prefix(found + before.size());
  return json.substr(0, json.find('"'));
}

bool acts(std::string_view json) {
  const auto kind = parse_message_kind(kind_of(json));
  return kind && must_be_acted_on(*kind);
}

void count(std::vector<Tally>& tallies, std::string_view name) {
  const auto found = std::find_if(tallies.begin(), tallies.end(),
                                  [&](const Tally& tally) { return tally.name == name; });
  if (found != tallies.end()) {
    ++found->count;
  } else {
    tallies.push_back(Tally{std::string{name}, 1});
  }
}

}  // namespace

// Moves the head of a group to the dead letters when it was delivered too often. What is left of
// the group is ready.
bool FakeStore::move_head_to_dead(Leasing& leasing, const std::string& group) {
  const ReceiveRequest& request = leasing.request;
  if (request.max_deliveries == 0 || request.mailbox.starts_with(dead_prefix)) return false;
  const std::string id = head_id(leasing.mailbox, group);
  const Message message = leasing.mailbox.messages.at(id);
  const std::string dead = std::string{dead_prefix} + request.mailbox;
  if (message.deliveries < request.max_deliveries || leasing.moved_to_dead >= turn_max ||
      mailboxes_[dead].messages.size() >= dead_letters_max_) {
    return false;
  }
  append(dead, group, id, message.json);
  take_out(leasing.mailbox, id);
  ++leasing.moved_to_dead;
  return true;
}

void FakeStore::lease_head(Leasing& leasing, const std::string& group, bool truncated) {
  const std::string id = head_id(leasing.mailbox, group);
  Message& message = leasing.mailbox.messages.at(id);
  message.lease = leasing.lease;
  message.holder = leasing.request.holder;
  ++message.deliveries;
  leasing.mailbox.heads[group].until = clock_.now() + leasing.request.visibility;
  leasing.received.messages.push_back(LeasedMessage{id + "." + leasing.lease, message.deliveries,
                                                    with_sequence(message.json, message.sequence),
                                                    truncated});
}

void FakeStore::lease_heads(Leasing& leasing) {
  while (leasing.received.messages.size() < leasing.request.max) {
    const auto group = next_ready(leasing.mailbox);
    if (!group) break;
    if (!move_head_to_dead(leasing, *group)) lease_head(leasing, *group, false);
  }
}

// Ready groups that are left after moving to the dead letters, by the sequence of their heads.
std::vector<std::string> FakeStore::look_at_heads(Leasing& leasing) {
  Mailbox& mailbox = leasing.mailbox;
  using Place = std::pair<bool, std::uint64_t>;  // control messages first
  const auto place_of = [&](const std::string& group) {
    return Place{!is_control(group), mailbox.groups.at(group).begin()->first};
  };
  std::map<Place, std::string> ready;
  for (const auto& [group, head] : mailbox.heads) {
    if (!head.until) ready[place_of(group)] = group;
  }
  std::map<Place, std::string> heads;
  std::size_t looked = 0;
  for (const auto& [first, group] : ready) {
    if (looked++ == heads_max || leasing.looked_bytes >= look_bytes_max) break;
    while (mailbox.heads.contains(group) && move_head_to_dead(leasing, group)) continue;
    if (!mailbox.heads.contains(group)) continue;
    heads[place_of(group)] = group;
    leasing.looked_bytes += mailbox.messages.at(head_id(mailbox, group)).json.size();
  }
  std::vector<std::string> groups;
  for (const auto& [sequence, group] : heads) groups.push_back(group);
  return groups;
}

void FakeStore::lease_what_fits(Leasing& leasing, const std::vector<std::string>& groups) {
  const auto& request = leasing.request;
  std::uint64_t left = request.max_bytes - answer_envelope_bytes;
  for (const bool acting : {true, false}) {
    for (const std::string& group : groups) {
      if (leasing.received.messages.size() >= request.max) return;
      const std::string id = head_id(leasing.mailbox, group);
      const std::string& json = leasing.mailbox.messages.at(id).json;
      if (acts(json) != acting) continue;
      const std::uint64_t bytes = answer_entry_bytes + id.size() + json.size();
      const bool truncated = bytes > left;
      if (truncated && (!acting || answer_truncated_bytes > left)) continue;
      lease_head(leasing, group, truncated);
      left -= truncated ? answer_truncated_bytes : bytes;
    }
  }
  if (leasing.received.messages.empty() && !groups.empty()) {
    lease_head(leasing, groups.front(), true);
  }
}

void FakeStore::count_what_is_left(Leasing& leasing, const std::vector<std::string>& groups) {
  std::size_t looked = 0;
  for (const std::string& group : groups) {
    for (const auto& [sequence, id] : leasing.mailbox.groups.at(group)) {
      const Message& message = leasing.mailbox.messages.at(id);
      const bool given = message.lease == leasing.lease;
      if (given) continue;
      if (looked == left_max || leasing.looked_bytes >= look_bytes_max) return;
      const std::string_view kind = kind_of(message.json);
      if (!kind.empty()) count(leasing.received.left_by_kind, kind);
      if (group.starts_with("w_")) count(leasing.received.left_by_work, group);
      leasing.looked_bytes += message.json.size();
      ++looked;
    }
  }
}

Task<Result<Received>> FakeStore::receive(const ReceiveRequest& request, Deadline) {
  if (auto wrong = check(request)) co_return std::move(*wrong);
  Mailbox& mailbox = mailboxes_[request.mailbox];
  for (auto& [group, head] : mailbox.heads) {
    if (head.until && *head.until <= clock_.now()) head.until.reset();
  }
  Leasing leasing{request, mailbox, request.lease.empty() ? draw_lease() : request.lease};
  if (request.max_bytes == 0) {
    lease_heads(leasing);
  } else {
    const auto groups = look_at_heads(leasing);
    lease_what_fits(leasing, groups);
    count_what_is_left(leasing, groups);
  }
  leasing.received.remaining = mailbox.messages.size() - leased_count(mailbox);
  co_return std::move(leasing.received);
}

}  // namespace signalbox
