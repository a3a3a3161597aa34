#include "tests/sim/ledger/spool_ledger.hpp"

#include <algorithm>

#include "store/spool/spooled_commit.hpp"

namespace signalbox::sim {
namespace {

std::string decision_of(const Commit& commit) {
  std::string text = commit.record.json;
  for (const Append& append : commit.appends) text += "\n" + append.mailbox + " " + append.json;
  return text;
}

}  // namespace

void SpoolLedger::kept(const std::string& entry) {
  const auto spooled = spooled_commit_from(entry);
  if (!spooled) return verdict_.broken("E1", "an entry of the spool cannot be read");
  const Record& record = spooled->commit.record;
  Waiting& waiting = waiting_[record.attempt];
  waiting.space = spooled->space;
  waiting.decision = decision_of(spooled->commit);
  waiting.event = record.event;
  ++waiting.copies;
  verdict_.saw("an event is in the spool");
}

void SpoolLedger::dropped(const std::string& entry) {
  const auto spooled = spooled_commit_from(entry);
  const auto waiting = spooled ? waiting_.find(spooled->commit.record.attempt) : waiting_.end();
  if (waiting == waiting_.end()) return verdict_.broken("E1", "an entry was dropped twice");
  const bool settled = settled_attempts_.contains(waiting->first);
  // A copy that went to the end of the queue is one more.
  verdict_.expect(settled || waiting->second.copies > 1, "E1",
                  waiting->second.event + " has left the spool, and is not in the store");
  if (--waiting->second.copies == 0) waiting_.erase(waiting);
}

void SpoolLedger::set_aside(const std::string&) {
  verdict_.broken("E1", "an entry of the spool is set aside");
}

void SpoolLedger::committed(const std::string& space, const Commit& commit,
                            const CommitResult& result) {
  if (result.status == CommitStatus::mailbox_full) return;
  if (result.status == CommitStatus::partly_dropped) return;  // it is planned anew, and comes again
  settled_events_.insert(commit.record.event);
  const auto waiting = waiting_.find(commit.record.attempt);
  if (waiting == waiting_.end()) return;
  settled_attempts_.insert(commit.record.attempt);
  verdict_.saw(result.status == CommitStatus::committed ? "an event comes out of the spool"
                                                        : "a spooled event is a duplicate by then");
  verdict_.expect(waiting->second.space == space, "namespaces",
                  commit.record.event + " came out of the spool into another namespace");
  // What follows a partly dropped event leaves out what was sent.
  const bool same = waiting->second.decision == decision_of(commit);
  verdict_.expect(same || !commit.follows.empty(), "E2",
                  commit.record.event + " came out of the spool with another decision");
}

void SpoolLedger::deferred(const std::string& event) {
  verdict_.saw("a sender is told that its event is deferred");
  const bool waits = std::any_of(waiting_.begin(), waiting_.end(),
                                 [&](const auto& each) { return each.second.event == event; });
  verdict_.expect(waits || settled_events_.contains(event), "E1",
                  event + " is called deferred, and is on no disk");
  promised_.insert(event);
}

void SpoolLedger::audit_end() {
  verdict_.expect(waiting_.empty(), "E1", "events wait in the spool for ever");
  for (const std::string& event : promised_) {
    verdict_.expect(settled_events_.contains(event), "E1",
                    event + " was deferred, and never reached the store");
  }
}

}  // namespace signalbox::sim
