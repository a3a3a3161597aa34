// The books of all mailboxes, kept from what the store was asked and what it answered, and by other
// means than the store keeps its own: one list a mailbox, walked from its beginning. Checks M2: one
// outstanding message a group, in order, receipts, dead letters, and that nothing is lost; and what
// a budget of bytes gives (M4).
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "store/store.hpp"
#include "tests/sim/ledger/budget.hpp"
#include "tests/sim/ledger/verdict.hpp"

namespace signalbox::sim {

enum class ReceiptUse : std::uint8_t { acknowledge, give_back, extend };

class MailboxLedger {
 public:
  // `look` answers what a mailbox holds now, without a network between.
  MailboxLedger(Verdict& verdict, const Clock& store_clock,
                std::function<Peeked(const std::string&)> look)
      : verdict_{verdict}, clock_{store_clock}, look_{std::move(look)} {}

  bool ever_held(const std::string& mailbox, const std::string& id) const {
    return ever_.contains({mailbox, id});
  }
  bool holds(const std::string& mailbox, const std::string& id) const;
  // Of the last lease of a message, if it was not given back.
  std::optional<std::string> receipt_of(const std::string& mailbox, const std::string& id) const;
  // How many messages the mailbox would hold with these.
  std::size_t size_with(const std::string& mailbox, const std::vector<Append>& appends) const;

  void appended(const Append& append);
  void received(const ReceiveRequest& request, const Received& received);
  void redriven(const RedriveRequest& request, const Redriven& redriven);
  void released(ReceiptUse use, const std::string& mailbox,
                const std::vector<std::string>& receipts, const std::vector<bool>& held,
                Milliseconds visibility);

  // What the books say is in a mailbox is there, in that order, and nothing else.
  void audit();
  // Messages that are neither acknowledged nor dead.
  std::size_t open_count() const;
  std::vector<std::string> ids_of(const std::string& mailbox) const;  // oldest first

 private:
  struct Entry {
    std::string id;
    std::string group;
    std::string kind;  // "assign"
    std::size_t json_bytes = 0;
    std::string receipt;  // of the last lease; empty: never leased, or given back
    std::uint32_t deliveries = 0;
    Time until{};
  };
  using Entries = std::vector<Entry>;

  static Entry as_new(const Entry& entry);
  Entries::iterator find(Entries& entries, const std::string& id);
  void bury(const ReceiveRequest& request);
  void lease(const ReceiveRequest& request, const LeasedMessage& message);
  bool is_leased(const Entry& entry) const;
  std::vector<ReadyHead> ready_heads(const Entries& entries) const;
  void check_state(const std::string& mailbox, const Entries& entries);

  Verdict& verdict_;
  const Clock& clock_;
  std::function<Peeked(const std::string&)> look_;
  std::map<std::string, Entries> boxes_;  // oldest first
  std::set<std::pair<std::string, std::string>> ever_;
  std::set<std::pair<std::string, std::string>> receipts_;  // by mailbox
};

}  // namespace signalbox::sim
