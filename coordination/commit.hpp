// What one step wants to make durable: checked and applied all or nothing by the store's `commit`
// (store/script/commit.lua, and in C++ the fake store). Names here are logical; the store makes
// keys of them.
//
// A commit is decided in this order:
//   1. The same event with the same attempt is stored already: our own reply was lost. Committed.
//      It is stored, partly dropped, and by another attempt than this commit knows of:
//      partly_dropped, and whoever plans it takes out what was sent (coordination/record.hpp).
//   2. A fact was seen of an event with another name: event_mismatch, whatever became of it.
//   3. A fact was seen within its guard, and the record of the event that it belongs to says
//      `accepted`, or has expired: duplicate of that event. A record with another outcome does not
//      count (invariant E8), but that of another event that was partly dropped does.
//   4. A mailbox would hold more than `mailbox_max` messages, or more than `mailbox_bytes_max`
//      bytes: mailbox_full; or more of the quota's sender than it may: sender_full. Nothing is
//      written.
//   5. Facts, record, alias and appends are written; a record of the same event is overwritten.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "event/clock.hpp"

namespace signalbox {

// The first 96 bits of a digest.
using Fingerprint = std::array<char, 12>;

// A fact that must not have been seen within its window.
struct Seen {
  std::string family;  // "id:<source>", "digest:<source>", "send"; no NUL, one fact a commit
  // The record's own id (coordination/packed_id.hpp), or anything else. Where the record is kept
  // for the window the former costs nothing: the record itself is the memory, and the id counts for
  // as long as that is kept, so that what messages cite is never replaced by another decision. Any
  // other fact is remembered for one to two windows.
  Fingerprint fingerprint{};
  Milliseconds window{};  // more than 0
  // How long after the first event another one with this fact is a duplicate. Nothing: for as long
  // as the fact is remembered. 0: it never is, and the fact holds nothing but its event's name.
  std::optional<Milliseconds> guard{};
};

// How an event ended. Only `accepted` is final: the others are decided anew when the same delivery
// comes again (invariant E8), which is what a provider's "redeliver" button is for after a rule was
// mended. Of one that is partly dropped, what was sent is not sent again. The same words stand in
// answers, log, metrics, API and command line; the letters in what is stored.
enum class Outcome : char { accepted = 'a', partly_dropped = 'p', no_match = 'n', dropped = 'f' };
inline constexpr std::array<Outcome, 4> all_outcomes{Outcome::accepted, Outcome::partly_dropped,
                                                     Outcome::no_match, Outcome::dropped};

constexpr std::string_view to_string(Outcome outcome) noexcept {
  switch (outcome) {
    case Outcome::no_match:
      return "no_match";
    case Outcome::dropped:
      return "dropped";
    case Outcome::partly_dropped:
      return "partly_dropped";
    case Outcome::accepted:
      break;
  }
  return "accepted";
}

// The record of an event: what was decided, and by which rules.
struct Record {
  std::string event;  // "e_…": a derived id, see coordination/packed_id.hpp
  Outcome outcome = Outcome::accepted;
  std::string attempt;  // `attempt_chars` random characters: tells a lost reply from a repetition
  std::string json;     // see coordination/record.hpp
  std::string body;     // compressed; empty where it is not stored with the record
  Milliseconds keep{};  // more than 0
  Time received{};      // by the gateway's clock
  // Of the event's name where its sender did not sign it (event/event.hpp): facts remember it. 0:
  // there is none.
  std::uint16_t name_tag = 0;
  bool listed =
      true;  // whether `events` lists it: true for events, false for messages that were sent
};
inline constexpr std::size_t attempt_chars = 16;

struct Append {
  std::string mailbox;
  std::string group;  // FIFO group: the work; empty: a group of its own
  std::string id;     // "m_…"; an id that the mailbox holds already is not appended again
  std::string json;   // without `sequence`
};

// What one sender may have in a mailbox. The appends name it as their `sender`.
struct SenderQuota {
  std::string sender;  // "agent:<name>"; empty: none
  std::uint64_t messages_max = 0;
  std::uint64_t bytes_max = 0;
};

// A readable name of a work, by which callers may mean it from now on. Its last use counts to the
// day.
struct Alias {
  std::string name;  // "github:acme/api#42"; empty: none
  std::string work;  // "w_…"
};
inline constexpr Milliseconds alias_keep = std::chrono::days{30};  // since its last event

inline constexpr std::uint64_t any_bytes = std::uint64_t{1} << 53U;  // exact in a double

// What mailboxes hold at most: messages, and what they take as Commit::mailbox_bytes_max counts it.
struct MailboxRoom {
  std::uint64_t messages = 0;
  std::uint64_t bytes = any_bytes;
};

struct Commit {
  std::vector<Seen> seen;
  Record record;
  Alias alias;
  std::vector<Append> appends;
  std::uint64_t mailbox_max = 0;  // messages that a mailbox holds at most, whatever their state
  // What they take at most: JSON, id and group of each, and 6 bytes.
  std::uint64_t mailbox_bytes_max = any_bytes;
  SenderQuota quota{};
  std::string follows{};  // the attempt mark of the record that this one replaces, if known
};

enum class CommitStatus : std::uint8_t {
  committed,
  duplicate,
  partly_dropped,
  event_mismatch,
  mailbox_full,
  sender_full
};

struct CommitResult {
  CommitStatus status = CommitStatus::committed;
  std::string first_event;  // duplicate, event_mismatch: the event that was there first
  Outcome first_outcome = Outcome::accepted;
  std::string first_record;   // its record's JSON; empty once it has expired. Of partly_dropped too
  std::string first_attempt;  // partly_dropped: the mark of that record
  std::string full_mailbox;   // mailbox_full, sender_full
};

}  // namespace signalbox
