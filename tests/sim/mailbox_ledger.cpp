#include "mailbox_ledger.hpp"

#include <fmt/format.h>
#include <boost/json/parse.hpp>

#include <algorithm>

#include "scenario.hpp"

namespace signalbox::sim {
namespace {

constexpr std::string_view dead_prefix = "dead:";

std::string text_of(const std::string& json, std::string_view member) {
  const auto value = boost::json::parse(json);
  const auto* found = value.get_object().if_contains(member);
  return found != nullptr && found->is_string() ? std::string{found->get_string()} : std::string{};
}

}  // namespace

MailboxLedger::Entries::iterator MailboxLedger::find(Entries& entries, const std::string& id) {
  return std::find_if(entries.begin(), entries.end(), [&](const Entry& e) { return e.id == id; });
}

bool MailboxLedger::holds(const std::string& mailbox, const std::string& id) const {
  const auto box = boxes_.find(mailbox);
  return box != boxes_.end() && std::any_of(box->second.begin(), box->second.end(),
                                            [&](const Entry& e) { return e.id == id; });
}

std::optional<std::string> MailboxLedger::receipt_of(const std::string& mailbox,
                                                     const std::string& id) const {
  const auto box = boxes_.find(mailbox);
  if (box == boxes_.end()) return std::nullopt;
  for (const Entry& entry : box->second) {
    if (entry.id == id && !entry.receipt.empty()) return entry.receipt;
  }
  return std::nullopt;
}

std::size_t MailboxLedger::size_with(const std::string& mailbox,
                                     const std::vector<Append>& appends) const {
  std::set<std::string> ids;
  if (const auto box = boxes_.find(mailbox); box != boxes_.end()) {
    for (const Entry& entry : box->second) ids.insert(entry.id);
  }
  for (const Append& append : appends) {
    if (append.mailbox == mailbox) ids.insert(append.id);
  }
  return ids.size();
}

void MailboxLedger::appended(const Append& append) {
  ever_.emplace(append.mailbox, append.id);
  Entries& entries = boxes_[append.mailbox];
  if (find(entries, append.id) != entries.end()) return;
  Entry entry;
  entry.id = append.id;
  entry.group = append.group.empty() ? append.id : append.group;
  entries.push_back(std::move(entry));
}

// A receive may move heads to the dead-letter mailbox without a word of it in its answer.
void MailboxLedger::bury(const ReceiveRequest& request) {
  if (request.max_deliveries == 0 || request.mailbox.starts_with(dead_prefix)) return;
  Entries& entries = boxes_[request.mailbox];
  const auto worn = [&](const Entry& e) {
    return e.deliveries >= request.max_deliveries && (e.receipt.empty() || e.until <= clock_.now());
  };
  if (std::none_of(entries.begin(), entries.end(), worn)) return;
  const std::string dead_name = std::string{dead_prefix} + request.mailbox;
  Entries& dead = boxes_[dead_name];
  for (const PeekedMessage& message : look_(dead_name).messages) {
    const auto entry = find(entries, text_of(message.json, "id"));
    if (entry == entries.end() || !worn(*entry)) continue;
    ever_.emplace(dead_name, entry->id);
    verdict_.saw("a message is dead");
    if (find(dead, entry->id) == dead.end()) {
      Entry moved;
      moved.id = entry->id;
      moved.group = entry->group;
      dead.push_back(std::move(moved));
    }
    entries.erase(entry);
  }
}

void MailboxLedger::lease(const ReceiveRequest& request, const LeasedMessage& message) {
  Entries& entries = boxes_[request.mailbox];
  const std::string id = text_of(message.json, "id");
  const auto entry = find(entries, id);
  if (entry == entries.end()) {
    return verdict_.broken(
        "M2", fmt::format("{} was received from {}, which does not hold it", id, request.mailbox));
  }
  verdict_.expect(entry->receipt.empty() || entry->until <= clock_.now(), "M2",
                  id + " was given to two consumers at once");
  const auto older =
      std::find_if(entries.begin(), entry, [&](const Entry& e) { return e.group == entry->group; });
  if (older != entry) {
    verdict_.broken("M2", fmt::format("{} was given while {}, older and of the same work, is there",
                                      id, older->id));
  }
  verdict_.expect(message.deliveries == entry->deliveries + 1, "M2",
                  id + ": deliveries are counted wrong");
  verdict_.expect(request.max_deliveries > 0 || request.mailbox.starts_with(dead_prefix), "M2",
                  "received without a limit of deliveries");
  verdict_.expect(request.mailbox.starts_with(dead_prefix) || entry->deliveries < deliveries_most,
                  "M2", id + " was given more often than max_deliveries allows");
  verdict_.expect(receipts_.insert(message.receipt).second, "M2", "a receipt was given twice");
  if (entry->deliveries > 0) verdict_.saw("a message is given again");
  entry->receipt = message.receipt;
  entry->deliveries = message.deliveries;
  entry->until = clock_.now() + request.visibility;
}

void MailboxLedger::received(const ReceiveRequest& request, const Received& received) {
  // A lease that has run out by then stays so, should the clock go back.
  for (Entry& entry : boxes_[request.mailbox]) {
    if (entry.until <= clock_.now()) entry.until = Time{};
  }
  bury(request);
  for (const LeasedMessage& message : received.messages) lease(request, message);
}

void MailboxLedger::released(ReceiptUse use, const std::string& mailbox,
                             const std::vector<std::string>& receipts,
                             const std::vector<bool>& held, Milliseconds visibility) {
  Entries& entries = boxes_[mailbox];
  for (std::size_t i = 0; i < receipts.size(); ++i) {
    const auto entry = std::find_if(entries.begin(), entries.end(), [&](const Entry& e) {
      return !e.receipt.empty() && e.receipt == receipts[i];
    });
    const bool holds = entry != entries.end();
    if (holds != held[i]) {
      verdict_.broken("M2", fmt::format("the receipt {} of {} {}", receipts[i], mailbox,
                                        holds ? "was refused" : "acted, and is spent"));
      continue;
    }
    if (!holds) verdict_.saw("an old receipt is refused");
    if (!holds) continue;
    if (entry->until <= clock_.now())
      verdict_.saw("a receipt acts after its lease, nobody else having it");
    switch (use) {
      case ReceiptUse::acknowledge:
        entries.erase(entry);
        break;
      case ReceiptUse::give_back:
        entry->receipt.clear();
        break;
      case ReceiptUse::extend:
        entry->until = clock_.now() + visibility;
    }
  }
}

void MailboxLedger::audit() {
  for (const auto& [name, entries] : boxes_) {
    std::vector<std::string> there;
    for (const PeekedMessage& message : look_(name).messages) {
      there.push_back(text_of(message.json, "id"));
    }
    std::vector<std::string> wanted;
    for (const Entry& entry : entries) wanted.push_back(entry.id);
    verdict_.expect(there == wanted, "M2",
                    fmt::format("{} holds {} messages where the books say {}", name, there.size(),
                                wanted.size()));
  }
}

std::size_t MailboxLedger::open_count() const {
  std::size_t count = 0;
  for (const auto& [name, entries] : boxes_) {
    if (!name.starts_with(dead_prefix)) count += entries.size();
  }
  return count;
}

std::vector<std::string> MailboxLedger::mailboxes() const {
  std::vector<std::string> names;
  for (const auto& [name, entries] : boxes_) names.push_back(name);
  return names;
}

}  // namespace signalbox::sim
