// The books of what waits on disks for the store, so that "deferred" keeps E1 and E2: it is synced
// before the sender is told, it reaches the store as it was decided, and nothing else ends it.
#pragma once

#include <map>
#include <set>
#include <string>

#include "coordination/commit.hpp"
#include "tests/sim/ledger/verdict.hpp"

namespace signalbox::sim {

class SpoolLedger {
 public:
  explicit SpoolLedger(Verdict& verdict) : verdict_{verdict} {}

  // Told by disks, of the bytes of each entry.
  void kept(const std::string& entry);
  void dropped(const std::string& entry);
  void set_aside(const std::string& entry);
  // Told by the store, of each commit that it carried out.
  void committed(const std::string& space, const Commit& commit, const CommitResult& result);
  // A sender was told that the event is deferred.
  void deferred(const std::string& event);

  bool waits() const noexcept { return !waiting_.empty(); }
  // Nothing waits any more, and all that senders were told of was carried out.
  void audit_end();

 private:
  struct Waiting {
    std::string space;
    std::string decision;  // what the entry says is to be stored
    std::string event;
    int copies = 0;
  };
  Verdict& verdict_;
  std::map<std::string, Waiting> waiting_;  // by attempt
  std::set<std::string> settled_attempts_;
  std::set<std::string> settled_events_;
  std::set<std::string> promised_;
};

}  // namespace signalbox::sim
