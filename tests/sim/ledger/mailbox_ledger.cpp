#include "tests/sim/ledger/mailbox_ledger.hpp"

#include <fmt/format.h>
#include <boost/json/parse.hpp>

#include <algorithm>

#include "tests/sim/actors/answers.hpp"
#include "tests/sim/scenario.hpp"

namespace signalbox::sim {
namespace {

constexpr std::string_view dead_prefix = "dead:";

std::string text_in(const std::string& message, std::string_view name) {
  return text_of(boost::json::parse(message).get_object(), name);
}

}  // namespace

// As it comes into another mailbox.
MailboxLedger::Entry MailboxLedger::as_new(const Entry& entry) {
  Entry moved = entry;
  moved.receipt.clear();
  moved.deliveries = 0;
  moved.until = Time{};
  return moved;
}

bool MailboxLedger::is_leased(const Entry& entry) const {
  return !entry.receipt.empty() && entry.until > clock_.now();
}

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
  constexpr std::string_view type_prefix = "dev.signalbox.";
  entry.kind = text_in(append.json, "type").substr(type_prefix.size());
  entry.json_bytes = append.json.size();
  entries.push_back(std::move(entry));
}

// A receive may move heads to the dead-letter mailbox without a word of it in its answer.
void MailboxLedger::bury(const ReceiveRequest& request) {
  if (request.max_deliveries == 0 || request.mailbox.starts_with(dead_prefix)) return;
  Entries& entries = boxes_[request.mailbox];
  const auto worn = [&](const Entry& e) {
    return e.deliveries >= request.max_deliveries && !is_leased(e);
  };
  if (std::none_of(entries.begin(), entries.end(), worn)) return;
  const std::string dead_name = std::string{dead_prefix} + request.mailbox;
  Entries& dead = boxes_[dead_name];
  for (const PeekedMessage& message : look_(dead_name).messages) {
    const auto entry = find(entries, text_in(message.json, "id"));
    if (entry == entries.end() || !worn(*entry)) continue;
    ever_.emplace(dead_name, entry->id);
    verdict_.saw("a message is dead");
    if (find(dead, entry->id) == dead.end()) {
      dead.push_back(as_new(*entry));
    }
    entries.erase(entry);
  }
}

void MailboxLedger::lease(const ReceiveRequest& request, const LeasedMessage& message) {
  Entries& entries = boxes_[request.mailbox];
  const std::string id = text_in(message.json, "id");
  const auto entry = find(entries, id);
  if (entry == entries.end()) {
    return verdict_.broken(
        "M2", fmt::format("{} was received from {}, which does not hold it", id, request.mailbox));
  }
  verdict_.expect(!is_leased(*entry), "M2", id + " was given to two consumers at once");
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
  verdict_.expect(receipts_.emplace(request.mailbox, message.receipt).second, "M2",
                  "a receipt was given twice");
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
  Entries& entries = boxes_[request.mailbox];
  if (request.max_bytes > 0) check_budget(verdict_, request, received, ready_heads(entries));
  for (const LeasedMessage& message : received.messages) lease(request, message);
  const auto leased = std::count_if(entries.begin(), entries.end(),
                                    [this](const Entry& e) { return is_leased(e); });
  verdict_.expect(received.remaining == entries.size() - static_cast<std::size_t>(leased), "M2",
                  fmt::format("{} has {} messages, {} of them leased, and says that {} remain",
                              request.mailbox, entries.size(), leased, received.remaining));
}

std::vector<ReadyHead> MailboxLedger::ready_heads(const Entries& entries) const {
  std::vector<ReadyHead> heads;
  std::set<std::string> held;
  for (const Entry& entry : entries) {
    const auto head = std::find_if(heads.begin(), heads.end(),
                                   [&](const ReadyHead& each) { return each.work == entry.group; });
    if (is_leased(entry)) {
      held.insert(entry.group);
    } else if (head != heads.end()) {
      ++head->kinds[entry.kind];
    } else if (!held.contains(entry.group)) {
      heads.push_back({entry.id, entry.kind, entry.group, entry.json_bytes, {{entry.kind, 1}}});
    }
  }
  return heads;
}

// A move: to the end of the mailbox, oldest first, but for works of which one is leased.
void MailboxLedger::redriven(const RedriveRequest& request, const Redriven& redriven) {
  Entries& entries = boxes_[request.mailbox];
  Entries& dead = boxes_[std::string{dead_prefix} + request.mailbox];
  std::set<std::string> held;
  for (const Entry& entry : dead) {
    if (is_leased(entry)) held.insert(entry.group);
  }
  std::vector<std::string> wanted;
  for (const Entry& entry : dead) {
    const bool named = request.ids.empty() || std::find(request.ids.begin(), request.ids.end(),
                                                        entry.id) != request.ids.end();
    if (!held.contains(entry.group) && named) wanted.push_back(entry.id);
  }
  if (wanted.size() > request.max) wanted.resize(request.max);
  const std::size_t moved = std::min(redriven.moved.size(), wanted.size());
  verdict_.expect(std::equal(redriven.moved.begin(), redriven.moved.end(), wanted.begin(),
                             wanted.begin() + static_cast<std::ptrdiff_t>(moved)),
                  "M2", "dead letters of " + request.mailbox + " were moved that may not be");
  verdict_.expect(moved == wanted.size() || redriven.full, "M2",
                  "dead letters of " + request.mailbox + " were not moved");
  for (const std::string& id : redriven.moved) {
    const auto entry = find(dead, id);
    if (entry == dead.end()) return;  // told above
    verdict_.saw("a dead letter is moved back");
    if (find(entries, id) == entries.end()) entries.push_back(as_new(*entry));
    dead.erase(entry);
  }
  verdict_.expect(!redriven.full || entries.size() >= request.mailbox_max, "M2",
                  request.mailbox + " is called full, and takes no dead letters");
  verdict_.expect(redriven.remaining == dead.size(), "M2", "dead letters are counted wrong");
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
  for (const auto& [name, entries] : boxes_) check_state(name, entries);
}

void MailboxLedger::check_state(const std::string& mailbox, const Entries& entries) {
  const auto describe = [](std::string id, std::uint32_t deliveries, bool leased) {
    return fmt::format("{} {}{}", std::move(id), deliveries, leased ? " leased" : "");
  };
  std::vector<std::string> there;
  for (const PeekedMessage& message : look_(mailbox).messages) {
    there.push_back(describe(text_in(message.json, "id"), message.deliveries,
                             message.state == MessageState::leased));
  }
  std::vector<std::string> wanted;
  for (const Entry& entry : entries) {
    wanted.push_back(describe(entry.id, entry.deliveries, is_leased(entry)));
  }
  verdict_.expect(there == wanted, "M2",
                  fmt::format("{} holds [{}] where the books say [{}]", mailbox,
                              fmt::join(there, ", "), fmt::join(wanted, ", ")));
}

std::size_t MailboxLedger::open_count() const {
  std::size_t count = 0;
  for (const auto& [name, entries] : boxes_) {
    if (!name.starts_with(dead_prefix)) count += entries.size();
  }
  return count;
}

std::vector<std::string> MailboxLedger::ids_of(const std::string& mailbox) const {
  std::vector<std::string> ids;
  const auto box = boxes_.find(mailbox);
  if (box == boxes_.end()) return ids;
  for (const Entry& entry : box->second) ids.push_back(entry.id);
  return ids;
}

}  // namespace signalbox::sim
