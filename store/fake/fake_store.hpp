// The store in memory: the meaning of store.hpp in C++, without sockets or threads, on a clock that
// tests move. A test compares it with Redis answer by answer (tests/store/model_test.cpp), so that
// what simulations find out with it holds. Used from one thread. Its calls finish at once;
// deadlines do not matter.
#pragma once

#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "event/clock.hpp"
#include "store/store.hpp"

namespace signalbox {

class FakeStore final : public Store {
 public:
  // The clock must outlive the store.
  explicit FakeStore(const Clock& clock, std::uint64_t dead_max = dead_letters_max)
      : clock_{clock}, dead_letters_max_{dead_max} {}

  Task<Result<CommitResult>> commit(const Commit& commit, Deadline deadline) override;
  Task<Result<Received>> receive(const ReceiveRequest& request, Deadline deadline) override;
  Task<Result<std::vector<bool>>> acknowledge(std::string mailbox,
                                              std::vector<std::string> receipts,
                                              Deadline deadline) override;
  Task<Result<std::vector<bool>>> give_back(std::string mailbox, std::vector<std::string> receipts,
                                            Deadline deadline) override;
  Task<Result<Extended>> extend(std::string mailbox, std::vector<std::string> receipts,
                                Milliseconds visibility, Deadline deadline) override;
  Task<Result<std::vector<bool>>> take_back(std::string mailbox, std::vector<std::string> ids,
                                            Deadline deadline) override;
  Task<Result<std::vector<bool>>> leased(std::string mailbox, std::vector<std::string> receipts,
                                         Deadline deadline) override;
  Task<Result<Peeked>> peek(std::string mailbox, std::uint32_t max, Deadline deadline) override;
  Task<Result<std::optional<std::string>>> message(std::string mailbox, std::string id,
                                                   Deadline deadline) override;
  Task<Result<Redriven>> redrive(const RedriveRequest& request, Deadline deadline) override;
  Task<Result<std::optional<StoredEvent>>> event(std::string id, Deadline deadline) override;
  Task<Result<EventPage>> events(const EventQuery& query, Deadline deadline) override;
  Task<Result<std::optional<std::string>>> find_work(std::string alias, Deadline deadline) override;
  Task<Result<bool>> archive_body(std::string event, std::string body, Milliseconds keep,
                                  Deadline deadline) override;
  Task<Result<bool>> ping(Deadline) override { co_return true; }

 private:
  struct Message {
    std::string group;
    std::string json;
    std::uint64_t sequence = 0;
    std::uint32_t deliveries = 0;
    std::string lease;   // empty: never leased, or given back
    std::string holder;  // of what is leased
  };
  // What the head of a group is doing: ready, or leased until.
  struct Head {
    std::optional<Time> until;
  };
  struct Mailbox {
    std::map<std::string, Message> messages;                             // by id
    std::map<std::string, std::map<std::uint64_t, std::string>> groups;  // sequence -> id
    std::map<std::string, Head> heads;                                   // by group
    std::uint64_t sequence = 0;
  };
  struct Fill;
  struct Fact {
    std::string event;
    std::uint16_t name_tag = 0;
  };
  struct Segment {
    Time start;
    Milliseconds window;
    std::map<Fingerprint, Fact> facts;
  };
  struct Kept {
    StoredEvent event;
    std::string attempt;
    Time received;
    Time until;
  };

  // One receive.
  struct Leasing {
    const ReceiveRequest& request;
    Mailbox& mailbox;
    std::string lease;
    Received received = {};
    std::size_t moved_to_dead = 0;
    std::size_t looked_bytes = 0;
  };

  bool move_head_to_dead(Leasing& leasing, const std::string& group);
  void lease_head(Leasing& leasing, const std::string& group, bool truncated);
  void lease_heads(Leasing& leasing);
  std::vector<std::string> look_at_heads(Leasing& leasing);
  void lease_what_fits(Leasing& leasing, const std::vector<std::string>& groups);
  void count_what_is_left(Leasing& leasing, const std::vector<std::string>& groups);
  Result<CommitResult> decide(const Commit& commit);
  const Fact* find_fact(const Seen& seen);
  static bool is_final_for(const Kept& record, const std::string& event, const Commit& commit);
  static bool is_kept_by_record(const Seen& seen, const Commit& commit);
  std::optional<CommitResult> find_first(const Commit& commit, const Kept* own);
  std::optional<CommitResult> find_full(const Commit& commit);
  void remember(const Seen& seen, const Fact& fact);
  bool is_within_guard(const Seen& seen, const Kept* first) const;
  Kept* find_record(const std::string& id);
  static bool is_wanted(const Kept& kept, const EventQuery& query);
  static bool is_control(const std::string& group);
  static std::uint64_t bytes_of(const std::string& id, const Message& message);
  static std::uint64_t bytes_of(const Mailbox& mailbox);
  std::string head_id(Mailbox& mailbox, const std::string& group);
  void append(const std::string& mailbox, const std::string& group, const std::string& id,
              const std::string& json);
  void take_out(Mailbox& mailbox, const std::string& id);
  std::optional<std::string> next_ready(Mailbox& mailbox);
  Message* holder(Mailbox& mailbox, const std::string& receipt, std::string& id);
  std::uint64_t leased_count(const Mailbox& mailbox) const;
  template <class Verb>
  std::vector<bool> release(const std::string& mailbox, const std::vector<std::string>& receipts,
                            Verb verb);

  const Clock& clock_;
  std::uint64_t dead_letters_max_;
  std::map<std::string, Mailbox> mailboxes_;
  std::map<std::string, std::deque<Segment>> families_;  // newest first
  std::map<std::string, Kept> records_;
  std::map<std::string, std::pair<std::string, Time>> bodies_;
  std::map<std::string, std::pair<std::string, Time>> aliases_;  // -> work, until
  std::vector<std::string> listed_;
};

}  // namespace signalbox
