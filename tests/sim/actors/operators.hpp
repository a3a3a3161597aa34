// What operators do to a running installation: they look at dead letters and move them back.
#pragma once

#include <string>
#include <vector>

#include "tests/sim/world.hpp"

namespace signalbox::sim {

class Operators {
 public:
  explicit Operators(World& world) : world_{world} {}

  void redrive_some();
  void read_dead_letters();  // as an agent reads messages; some are acknowledged
  void replay_an_event();
  // All that is dead goes back.
  void redrive_all();

 private:
  void redrive(const PartyName& agent, const std::vector<std::string>& ids, std::int64_t max);
  const PartyName& some_agent();
  void acknowledge_dead(const PartyName& agent, const Response& response);

  struct ReplayTry {
    EventLedger::KnownEvent event;
    std::string body;
    std::string key;
  };
  void replay(const ReplayTry& wanted);

  World& world_;
  std::vector<ReplayTry> replays_;
};

}  // namespace signalbox::sim
