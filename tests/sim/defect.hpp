// Deliberate defects: what a store or a gateway would do that breaks one promise. Each must be
// found (defects_test.cpp), which proves that the checks can fail.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace signalbox::sim {

enum class Defect : std::uint8_t {
  none,
  answer_before_commit,
  forget_last_writes,
  lose_an_append,
  decide_anew,
  accept_forged,
  forget_bodies,
  final_no_match,
  count_twice,
  stop_the_clock,
  refuse_unheard_of,
  forget_send_keys,
  lose_a_send,
  ignore_receipts,
  ignore_groups,
  never_bury,
  forget_leases,
  ignore_budget,
  redrive_anything,
  drop_the_cause,
  send_the_body,
  hide_the_body,
  draw_ids,
  number_no_replays,
  mix_namespaces,
  answer_before_sync,
  forget_the_spool,
};

struct DefectRow {
  Defect defect;
  std::string_view name;
  std::string_view promises;  // any of these finds it
  std::string_view what;
};

inline constexpr std::array<DefectRow, 26> defects{{
    {Defect::answer_before_commit, "answer-before-commit", "E1 M1",
     "a commit counts as done before it is"},
    {Defect::forget_last_writes, "forget-last-writes", "E1 E2 M1 M2 M4",
     "a restart of the store forgets the last seconds"},
    {Defect::lose_an_append, "lose-an-append", "E1 E2", "a commit leaves out a message"},
    {Defect::decide_anew, "decide-anew", "E2 M6",
     "a call whose reply was lost is made again as another one"},
    {Defect::accept_forged, "accept-forged", "E3", "any signature is good"},
    {Defect::forget_bodies, "forget-bodies", "E4", "equal bodies under other ids are not known"},
    {Defect::final_no_match, "final-no-match", "E8",
     "an event without messages is never decided anew"},
    {Defect::count_twice, "count-twice", "E5", "an answer is counted twice"},
    {Defect::stop_the_clock, "stop-the-clock", "E7", "the gateway's clock stands still"},
    {Defect::refuse_unheard_of, "refuse-unheard-of", "E6", "an unknown event is malformed"},
    {Defect::forget_send_keys, "forget-send-keys", "M1 M6", "idempotency keys are ignored"},
    {Defect::lose_a_send, "lose-a-send", "M1", "a send is accepted, and stores nothing"},
    {Defect::ignore_receipts, "ignore-receipts", "M2", "an old receipt acts on a redelivery"},
    {Defect::ignore_groups, "ignore-groups", "M2 M4",
     "messages of one work are given out together"},
    {Defect::never_bury, "never-bury", "M2", "max_deliveries is ignored"},
    {Defect::forget_leases, "forget-leases", "M2", "a lease ends at once"},
    {Defect::ignore_budget, "ignore-budget", "M4", "more is given than a reader has room for"},
    {Defect::redrive_anything, "redrive-anything", "M2", "a redrive moves what was not asked for"},
    {Defect::drop_the_cause, "drop-the-cause", "M3", "messages do not name their cause"},
    {Defect::send_the_body, "send-the-body", "M5", "messages carry the webhook"},
    {Defect::hide_the_body, "hide-the-body", "M5", "a cited body is not stored"},
    {Defect::draw_ids, "draw-ids", "E2 M6", "message ids are drawn, not derived"},
    {Defect::number_no_replays, "number-no-replays", "M1 M6",
     "all replays of an event send one message"},
    {Defect::mix_namespaces, "mix-namespaces", "namespaces", "all namespaces are kept as one"},
    {Defect::answer_before_sync, "answer-before-sync", "E1", "a spooled event is not on the disk"},
    {Defect::forget_the_spool, "forget-the-spool", "E1", "a crash empties the spool"},
}};

constexpr std::optional<Defect> find_defect(std::string_view name) {
  for (const DefectRow& row : defects) {
    if (row.name == name) return row.defect;
  }
  return std::nullopt;
}

}  // namespace signalbox::sim
