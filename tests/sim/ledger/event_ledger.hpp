// The books of all deliveries, sends and messages: what was really sent by whom, what the store
// made durable, and what senders were told. Checks E1 to E8, M1, M3, M5 and M6.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "gateway/http/http.hpp"
#include "store/store.hpp"
#include "tests/sim/ledger/mailbox_ledger.hpp"
#include "tests/sim/ledger/verdict.hpp"

namespace signalbox::sim {

// One delivery of a provider: whoever sends it again sends the same.
struct KnownDelivery {
  std::string source;
  std::string id;
  std::string type;
  std::string body;
  std::string secret;
  std::string content;  // equal for bodies that say the same, whatever time they were sent at
  std::string marker;   // stands in the body where no rule looks
  bool unique = true;   // its type has a field of its own, so equal bodies are one event
  std::optional<Time> signed_at;
};

// What became of one delivery's request, as far as the sender was told.
struct HookAnswer {
  unsigned status = 0;
  std::string outcome;  // "accepted", "duplicate", … of a 200
  std::string event;
  std::string first_outcome;  // of a duplicate
  std::string reason;         // of a problem, or of a dropped event
  std::int64_t messages = 0;  // that it says were sent
};
HookAnswer read_hook_answer(const Response& response);

class EventLedger {
 public:
  using Look =
      std::function<std::optional<StoredEvent>(const std::string& space, const std::string& event)>;
  EventLedger(Verdict& verdict, const Clock& store_clock, MailboxLedger& mailboxes, Look look)
      : verdict_{verdict}, clock_{store_clock}, mailboxes_{mailboxes}, look_{std::move(look)} {}

  // Told before the first request of it.
  void sent(const KnownDelivery& delivery);

  // Told by the store, of each commit that it carried out.
  void committed(const std::string& space, const Commit& commit, const CommitResult& result);

  // Told of each answer when it leaves the gateway. `received` is when the request arrived by the
  // gateway's clock.
  void answered(const KnownDelivery& delivery, Time received, const HookAnswer& answer);
  void forged_answered(const HookAnswer& answer);
  // Told of each request with an idempotency key before it is sent.
  void sending(const std::string& sender, const std::string& key, const std::string& request);
  void send_answered(const std::string& sender, const std::string& key, const std::string& request,
                     const Response& response);
  // An agent asked for an event, which a message in its mailbox may cite.
  void event_answered(const std::string& event, const std::string& mailbox,
                      const Response& response);

  // Every clock tells the same time, so that what E7 says of replays can be held to the
  // millisecond.
  bool clocks_agree = true;

  // An operator's call to replay an event; `key` may be empty.
  void replay_answered(const std::string& event, const std::string& key, const std::string& request,
                       const Response& response);
  struct KnownEvent {
    std::string id;
    std::string space;
    bool silent = false;  // it made no messages
  };
  std::vector<KnownEvent> known_events() const;  // that were stored, kept or not

  // All that was promised is there, unless it was kept long enough.
  void audit();

 private:
  struct Applied {
    std::string space;
    Commit commit;
    Time at{};
    Time latest{};  // that the store's clock had shown
    const KnownDelivery* delivery = nullptr;
    std::set<Outcome> outcomes;  // of all times that it was decided
    bool promised = false;
  };

  const KnownDelivery* delivery_of(const Commit& commit) const;
  const Applied* twin_of(const KnownDelivery& delivery, const std::string& event) const;
  void check_fresh(const Commit& commit, const KnownDelivery& delivery);
  void check_duplicate(const Commit& commit, const CommitResult& result,
                       const KnownDelivery& delivery);
  void check_first(const KnownDelivery& delivery, const HookAnswer& answer, const Applied& first);
  void check_repeat(const Applied& before, const Commit& again);
  void check_full(const Commit& commit, const CommitResult& result);
  void check_message(const Commit& commit, const Append& append, const KnownDelivery* delivery);
  void check_sent(const Append& append);
  void note_standing(const Append& append);
  void check_identity(const Commit& commit);
  void apply(const std::string& space, const Commit& commit, const KnownDelivery* delivery);
  void promise(const std::string& event, std::string_view by);
  void replayed(const Commit& commit, const CommitResult& result);
  void apply_replay(const Commit& commit, const std::string& event);
  void check_cause(const Append& append, const std::string& event, const std::string& marker);

  Verdict& verdict_;
  const Clock& clock_;
  MailboxLedger& mailboxes_;
  Look look_;
  Time latest_{};
  std::map<std::pair<std::string, std::string>, KnownDelivery> deliveries_;  // by source and id
  std::map<std::string, Applied> applied_;                                   // by event
  std::multimap<std::string, std::string> contents_;                         // -> event
  std::map<std::pair<std::string, std::string>, Time> citations_;  // mailbox, event -> the last
  std::map<std::string, std::string> identities_;                  // what a message is -> its id
  std::map<std::string, std::string> meanings_;                    // and back
  struct Standing {
    std::int64_t hop = 0;
    Trust trust = Trust::outsider;
  };
  std::map<std::string, Standing> standings_;  // of all messages there were
  struct KeyUse {
    std::set<std::string> tried;
    std::string request;  // the one that was accepted
    std::string answer;
  };
  std::map<std::pair<std::string, std::string>, KeyUse> keys_;  // by sender and idempotency key
  struct Replay {
    Commit commit;
    Time at{};
  };
  std::map<std::string, Replay> replays_;  // by "r_…"
  struct ReplayKey {
    std::string request;
    std::string ids;  // that it was answered with
    Time at{};
  };
  std::map<std::pair<std::string, std::string>, ReplayKey> replay_keys_;  // by event and key
};

}  // namespace signalbox::sim
