// The store as the gateway sees it. One per thread, used from that thread's io_context only.
// Every call ends by its deadline: store_unavailable when no answer came (the outcome is then
// unknown, and all writes are safe to repeat), store_refused when Redis answered with an
// error, overloaded when too many calls wait already, invalid_argument for an argument out of its
// bounds.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "coordination/commit.hpp"
#include "event/error.hpp"
#include "store/task.hpp"

namespace signalbox {

struct ReceiveRequest {
  std::string mailbox;
  std::uint32_t max = 1;  // messages, 1 to `receive_max`
  // The bound of the whole answer: 0 is none, else at least `answer_bytes_least`. See receive.lua.
  std::uint64_t max_bytes = 0;
  Milliseconds visibility{};
  // After as many the message moves to the dead-letter mailbox "dead:<mailbox>" instead of being
  // given again; 0: never. A full dead-letter mailbox takes none: the message is given again then.
  std::uint32_t max_deliveries = 0;
  std::string holder{};  // who is given the messages, for people: at most `holder_bytes_max`
  // What the receipts end with, so that nobody guesses one: letters and digits, at most
  // `lease_bytes_max`. Empty: the store draws some.
  std::string lease{};
};
inline constexpr std::uint32_t receive_max = 100;          // of receive and peek
inline constexpr std::uint32_t receipts_max = 1000;        // of one call
inline constexpr std::uint32_t events_max = 100;           // of one page
inline constexpr std::string_view dead_prefix = "dead:";   // the mailbox whose dead letters follows
inline constexpr std::uint64_t dead_letters_max = 10'000;  // of one dead-letter mailbox

// An answer within a budget is counted so; the API writes no more (gateway/api/inbox_answers.cpp).
inline constexpr std::uint64_t answer_bytes_least = 512;
inline constexpr std::uint64_t answer_envelope_bytes = 100;   // of one without messages
inline constexpr std::uint64_t answer_entry_bytes = 97;       // of a message beside id and JSON
inline constexpr std::uint64_t answer_truncated_bytes = 410;  // of a truncated message
static_assert(answer_envelope_bytes + answer_truncated_bytes <= answer_bytes_least);

struct LeasedMessage {
  std::string receipt;
  std::uint32_t deliveries = 1;
  std::string json;        // with `sequence`
  bool truncated = false;  // there is no room for all of it; `json` is whole all the same
};

struct MailboxCounts {
  std::uint64_t ready = 0;    // could be received now
  std::uint64_t leased = 0;   // with a consumer
  std::uint64_t waiting = 0;  // behind another message of the same work
  std::uint64_t dead = 0;     // in the dead-letter mailbox
};

struct Tally {
  std::string name;
  std::uint64_t count = 0;
};

struct Received {
  std::vector<LeasedMessage> messages;
  std::uint64_t remaining = 0;  // ready or waiting after this call
  // Where there is a budget these count what remains of the works that were looked at, by kind and
  // by work ("w_…").
  std::vector<Tally> left_by_kind;
  std::vector<Tally> left_by_work;
};

enum class MessageState : std::uint8_t { ready, leased, waiting };

struct PeekedMessage {
  MessageState state = MessageState::ready;
  std::uint32_t deliveries = 0;
  std::string json;  // with `sequence`
  // Of what is leased: until when, by the store's clock, and to whom; the latter is empty where an
  // earlier version leased it.
  std::optional<Time> leased_until{};
  std::string holder{};
};

struct Extended {
  std::vector<bool> held;  // one flag for each receipt: false where it no longer holds its message
  // Ids of control messages that could be received now about the works of those that are held.
  std::vector<std::string> controls;
};
inline constexpr std::size_t controls_max = 10;  // of one work

struct Peeked {
  MailboxCounts counts;
  std::vector<PeekedMessage> messages;  // oldest first
};

// Dead letters that go back into their mailbox.
struct RedriveRequest {
  std::string mailbox;           // not the dead-letter one
  std::vector<std::string> ids;  // of messages, at most `redrive_max`; empty: all, oldest first
  std::uint32_t max = 1;         // messages, 1 to `redrive_max`
  std::uint64_t mailbox_max = 0;
  std::uint64_t mailbox_bytes_max = any_bytes;
};
inline constexpr std::uint32_t redrive_max = 1000;

struct Redriven {
  std::vector<std::string> moved;  // ids, in the order in which they will be given out
  std::uint64_t remaining = 0;     // still in the dead-letter mailbox
  bool full = false;               // the mailbox took no more of them
};

struct StoredEvent {
  Outcome outcome = Outcome::accepted;
  std::string record;               // JSON
  std::optional<std::string> body;  // compressed; nothing where it was not kept
};

// Which events a page is of. Empty and absent members mean any.
struct EventQuery {
  std::string cursor;      // of the page before; a page of another query gives strange results
  std::uint32_t max = 50;  // 1 to `events_max`
  std::string source;
  std::string type;  // an EventPattern's text: rules/pattern/event_pattern.hpp
  std::optional<Outcome> outcome;
  std::string rule;            // that matched
  std::string work;            // id, or one of the names, of the event's own work
  std::string work_id;         // of the work that `work` names now: its events are wanted as well
  std::string delivery;        // the provider's id
  std::optional<Time> since;   // received then or later
  std::optional<Time> before;  // received earlier
};

// `events_looked_max` records are looked at, at most: a page may have fewer events than there are,
// even none, and yet a `next`.
inline constexpr std::uint32_t events_looked_max = 1000;
struct EventPage {
  std::vector<StoredEvent> events;  // newest first, without bodies
  std::string next;                 // cursor for older ones; empty at the end
};

class Store {
 public:
  virtual ~Store() = default;

  // True when there has been no way to the store for more than a second, or nothing but "no" from
  // it.
  virtual bool away() const noexcept { return false; }

  virtual Task<Result<CommitResult>> commit(const Commit& commit, Deadline deadline) = 0;

  virtual Task<Result<Received>> receive(const ReceiveRequest& request, Deadline deadline) = 0;
  // One flag for each receipt: false where it no longer holds its message.
  virtual Task<Result<std::vector<bool>>> acknowledge(std::string mailbox,
                                                      std::vector<std::string> receipts,
                                                      Deadline deadline) = 0;
  virtual Task<Result<std::vector<bool>>> give_back(std::string mailbox,
                                                    std::vector<std::string> receipts,
                                                    Deadline deadline) = 0;
  virtual Task<Result<Extended>> extend(std::string mailbox, std::vector<std::string> receipts,
                                        Milliseconds visibility, Deadline deadline) = 0;
  // Gives back what is leased, whoever holds it: one flag for each id, false where it was not. The
  // receipts that were given for it hold nothing any more.
  virtual Task<Result<std::vector<bool>>> take_back(std::string mailbox,
                                                    std::vector<std::string> ids,
                                                    Deadline deadline) = 0;
  // One flag for each receipt: whether its lease runs still. Changes nothing.
  virtual Task<Result<std::vector<bool>>> leased(std::string mailbox,
                                                 std::vector<std::string> receipts,
                                                 Deadline deadline) = 0;
  virtual Task<Result<Peeked>> peek(std::string mailbox, std::uint32_t max, Deadline deadline) = 0;

  // A message that the mailbox holds, whatever its state, with `sequence` once it was leased.
  virtual Task<Result<std::optional<std::string>>> message(std::string mailbox, std::string id,
                                                           Deadline deadline) = 0;
  // Moves messages from "dead:<mailbox>" to the end of <mailbox>. They keep their ids, and their
  // deliveries count anew. A work of which a dead letter is leased is left alone.
  virtual Task<Result<Redriven>> redrive(const RedriveRequest& request, Deadline deadline) = 0;

  virtual Task<Result<std::optional<StoredEvent>>> event(std::string id, Deadline deadline) = 0;
  virtual Task<Result<EventPage>> events(const EventQuery& query, Deadline deadline) = 0;

  // The id of the work that a readable name stands for; nothing where no event of it was stored
  // lately.
  virtual Task<Result<std::optional<std::string>>> find_work(std::string alias,
                                                             Deadline deadline) = 0;

  // Body of an event whose commit did not carry it: best effort. False where the event itself is
  // no longer kept.
  virtual Task<Result<bool>> archive_body(std::string event, std::string body, Milliseconds keep,
                                          Deadline deadline) = 0;

  virtual Task<Result<bool>> ping(Deadline deadline) = 0;
};

}  // namespace signalbox
