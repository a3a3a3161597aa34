// FakeStore: mailboxes, as mailbox.lua, message.lua, release.lua and peek.lua have them.
#include <algorithm>
#include <cassert>

#include "coordination/record.hpp"
#include "event/message.hpp"
#include "store/fake/fake_store.hpp"
#include "store/request_bounds.hpp"

namespace signalbox {
namespace {

// A receipt is an id and a lease; nothing for a text that is none.
std::optional<std::pair<std::string, std::string>> read_receipt(const std::string& receipt) {
  const std::size_t dot = receipt.rfind('.');
  if (dot == std::string::npos || dot == 0) return std::nullopt;
  std::string lease = receipt.substr(dot + 1);
  if (lease.empty()) return std::nullopt;
  return std::pair{receipt.substr(0, dot), std::move(lease)};
}

}  // namespace

bool FakeStore::is_control(const std::string& group) { return group.starts_with(control_group); }

std::uint64_t FakeStore::bytes_of(const std::string& id, const Message& message) {
  return 6 + id.size() + message.group.size() + message.json.size();
}

std::uint64_t FakeStore::bytes_of(const Mailbox& mailbox) {
  std::uint64_t bytes = 0;
  for (const auto& [id, message] : mailbox.messages) bytes += bytes_of(id, message);
  return bytes;
}

std::string FakeStore::head_id(Mailbox& mailbox, const std::string& group) {
  assert(mailbox.groups.contains(group) && !mailbox.groups.at(group).empty());
  return mailbox.groups.at(group).begin()->second;
}

void FakeStore::append(const std::string& mailbox_name, const std::string& group,
                       const std::string& id, const std::string& json) {
  Mailbox& mailbox = mailboxes_[mailbox_name];
  if (mailbox.messages.contains(id)) return;
  Message message{group, json, ++mailbox.sequence, 0, {}, {}};
  mailbox.groups[group][message.sequence] = id;
  mailbox.heads.try_emplace(group);
  mailbox.messages.emplace(id, std::move(message));
}

void FakeStore::take_out(Mailbox& mailbox, const std::string& id) {
  const auto found = mailbox.messages.find(id);
  assert(found != mailbox.messages.end());
  const std::string group = found->second.group;
  assert(mailbox.groups.contains(group) && mailbox.heads.contains(group));
  mailbox.groups[group].erase(found->second.sequence);
  mailbox.messages.erase(found);
  if (mailbox.groups[group].empty()) {
    mailbox.groups.erase(group);
    mailbox.heads.erase(group);
  } else {
    mailbox.heads[group].until.reset();
  }
}

std::optional<std::string> FakeStore::next_ready(Mailbox& mailbox) {
  std::optional<std::string> next;
  std::pair<bool, std::uint64_t> first;  // control messages before others, then by sequence
  for (const auto& [group, head] : mailbox.heads) {
    const std::pair place{!is_control(group), mailbox.groups.at(group).begin()->first};
    if (head.until || (next && place > first)) continue;
    next = group;
    first = place;
  }
  return next;
}

std::uint64_t FakeStore::leased_count(const Mailbox& mailbox) const {
  return static_cast<std::uint64_t>(std::count_if(
      mailbox.heads.begin(), mailbox.heads.end(),
      [&](const auto& head) { return head.second.until && *head.second.until > clock_.now(); }));
}

FakeStore::Message* FakeStore::holder(Mailbox& mailbox, const std::string& receipt,
                                      std::string& id) {
  const auto parts = read_receipt(receipt);
  if (!parts) return nullptr;
  const auto found = mailbox.messages.find(parts->first);
  if (found == mailbox.messages.end() || found->second.lease != parts->second) return nullptr;
  id = parts->first;
  return &found->second;
}

template <class Verb>
std::vector<bool> FakeStore::release(const std::string& mailbox_name,
                                     const std::vector<std::string>& receipts, Verb verb) {
  Mailbox& mailbox = mailboxes_[mailbox_name];
  std::vector<bool> done;
  for (const std::string& receipt : receipts) {
    std::string id;
    Message* message = holder(mailbox, receipt, id);
    done.push_back(message != nullptr);
    if (message != nullptr) verb(mailbox, id, *message);
  }
  return done;
}

Task<Result<std::vector<bool>>> FakeStore::acknowledge(std::string mailbox,
                                                       std::vector<std::string> receipts,
                                                       Deadline) {
  if (auto wrong = check_receipts(receipts.size())) co_return std::move(*wrong);
  co_return release(mailbox, receipts,
                    [this](Mailbox& box, const std::string& id, Message&) { take_out(box, id); });
}

Task<Result<std::vector<bool>>> FakeStore::give_back(std::string mailbox,
                                                     std::vector<std::string> receipts, Deadline) {
  if (auto wrong = check_receipts(receipts.size())) co_return std::move(*wrong);
  co_return release(mailbox, receipts, [](Mailbox& box, const std::string&, Message& message) {
    message.lease.clear();
    box.heads[message.group].until.reset();
  });
}

Task<Result<std::vector<bool>>> FakeStore::take_back(std::string mailbox_name,
                                                     std::vector<std::string> ids, Deadline) {
  if (auto wrong = check_receipts(ids.size())) co_return std::move(*wrong);
  Mailbox& mailbox = mailboxes_[mailbox_name];
  std::vector<bool> done;
  for (const std::string& id : ids) {
    const auto found = mailbox.messages.find(id);
    const bool known = found != mailbox.messages.end() && !found->second.lease.empty();
    auto* until = known ? &mailbox.heads[found->second.group].until : nullptr;
    done.push_back(known && *until && **until > clock_.now());
    if (!done.back()) continue;
    found->second.lease.clear();
    until->reset();
  }
  co_return done;
}

Task<Result<Extended>> FakeStore::extend(std::string mailbox, std::vector<std::string> receipts,
                                         Milliseconds visibility, Deadline) {
  if (auto wrong = check_visibility(visibility)) co_return std::move(*wrong);
  if (auto wrong = check_receipts(receipts.size())) co_return std::move(*wrong);
  const Time until = clock_.now() + visibility;
  Extended extended;
  const auto verb = [&](Mailbox& box, const std::string&, Message& message) {
    box.heads[message.group].until = until;
    const std::string about = std::string{control_group} + message.group + ":";
    std::size_t looked = 0;
    for (auto at = box.heads.lower_bound(about);
         at != box.heads.end() && at->first.starts_with(about) && looked < controls_max;
         ++at, ++looked) {
      const std::string& id = box.groups.at(at->first).begin()->second;
      const bool held = at->second.until && *at->second.until > clock_.now();
      const auto& known = extended.controls;
      if (!held && std::find(known.begin(), known.end(), id) == known.end())
        extended.controls.push_back(id);
    }
  };
  extended.held = release(mailbox, receipts, verb);
  co_return extended;
}

Task<Result<std::vector<bool>>> FakeStore::leased(std::string mailbox_name,
                                                  std::vector<std::string> receipts, Deadline) {
  if (auto wrong = check_receipts(receipts.size())) co_return std::move(*wrong);
  Mailbox& mailbox = mailboxes_[mailbox_name];
  std::vector<bool> running;
  for (const std::string& receipt : receipts) {
    std::string id;
    const Message* message = holder(mailbox, receipt, id);
    const auto until = message != nullptr ? mailbox.heads[message->group].until : std::nullopt;
    running.push_back(until && *until > clock_.now());
  }
  co_return running;
}

Task<Result<std::optional<std::string>>> FakeStore::message(std::string mailbox, std::string id,
                                                            Deadline) {
  const auto& messages = mailboxes_[mailbox].messages;
  const auto found = messages.find(id);
  if (found == messages.end()) co_return std::optional<std::string>{};
  const Message& message = found->second;
  co_return std::optional{message.deliveries > 0 ? with_sequence(message.json, message.sequence)
                                                 : message.json};
}

Task<Result<Redriven>> FakeStore::redrive(const RedriveRequest& request, Deadline) {
  if (auto wrong = check(request)) co_return std::move(*wrong);
  Mailbox& mailbox = mailboxes_[request.mailbox];
  Mailbox& dead = mailboxes_[std::string{dead_prefix}.append(request.mailbox)];
  std::map<std::uint64_t, std::string> oldest;
  for (const auto& [id, message] : dead.messages) {
    const auto& until = dead.heads.at(message.group).until;
    const bool wanted = request.ids.empty() ||
                        std::find(request.ids.begin(), request.ids.end(), id) != request.ids.end();
    if (wanted && !(until && *until > clock_.now())) oldest[message.sequence] = id;
  }
  Redriven redriven;
  for (const auto& [sequence, id] : oldest) {
    if (redriven.moved.size() >= request.max) break;
    const Message message = dead.messages.at(id);
    redriven.full = !mailbox.messages.contains(id) &&
                    (mailbox.messages.size() >= request.mailbox_max ||
                     bytes_of(mailbox) + bytes_of(id, message) > request.mailbox_bytes_max);
    if (redriven.full) break;
    append(request.mailbox, message.group, id, message.json);
    take_out(dead, id);
    redriven.moved.push_back(id);
  }
  redriven.remaining = dead.messages.size();
  co_return redriven;
}

Task<Result<Peeked>> FakeStore::peek(std::string mailbox_name, std::uint32_t max, Deadline) {
  if (auto wrong = check_peek(max)) co_return std::move(*wrong);
  Mailbox& mailbox = mailboxes_[mailbox_name];
  Peeked peeked;
  peeked.counts.leased = leased_count(mailbox);
  peeked.counts.ready = mailbox.heads.size() - peeked.counts.leased;
  peeked.counts.waiting = mailbox.messages.size() - mailbox.heads.size();
  peeked.counts.dead = mailboxes_[std::string{dead_prefix}.append(mailbox_name)].messages.size();
  std::map<std::uint64_t, const Message*> oldest;
  for (const auto& [id, message] : mailbox.messages) oldest[message.sequence] = &message;
  for (const auto& [sequence, message] : oldest) {
    if (peeked.messages.size() >= max) break;
    const auto& until = mailbox.heads.at(message->group).until;
    const bool is_head = mailbox.groups.at(message->group).begin()->first == sequence;
    const bool leased = is_head && until && *until > clock_.now();
    const MessageState head_state = leased ? MessageState::leased : MessageState::ready;
    PeekedMessage found{is_head ? head_state : MessageState::waiting, message->deliveries,
                        with_sequence(message->json, sequence)};
    if (leased) {
      found.leased_until = *until;
      found.holder = message->holder;
    }
    peeked.messages.push_back(std::move(found));
  }
  co_return peeked;
}

}  // namespace signalbox
