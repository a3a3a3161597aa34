// One simulation: two gateways, their store, providers, agents and an operator, on one thread and
// from one seed.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "tests/sim/network.hpp"
#include "tests/sim/scenario.hpp"

namespace signalbox::sim {

struct RunOptions {
  std::uint64_t seed = 0;
  std::uint64_t steps = 120;  // things that somebody does
  bool trace = false;
  Defect defect = Defect::none;
};

struct RunResult {
  std::optional<Violation> violation;
  std::uint64_t step = 0;        // at which it was found, or the last
  std::uint64_t trace_hash = 0;  // equal for equal runs
  std::uint64_t checks = 0;
  Situations situations;
};

RunResult run_world(const Scenario& scenario, const RunOptions& options);

// What all actors share.
struct World {
  World(const Scenario& all, const RunOptions& options);
  World(const World&) = delete;
  World& operator=(const World&) = delete;

  void act(std::string line) { trace.add(line); }

  const Scenario& scenario;
  SimulatedTime time;
  Schedule schedule{time};
  Trace trace;
  Verdict verdict{trace};
  Dice dice;
  Defect defect;
  Weather weather;
  StoreServer server;
  std::vector<std::unique_ptr<SimGateway>> gateways;
  Network network;
  RuleVersion version = RuleVersion::whole;
  bool clocks_jump = false;
};

// The rest of what happens: crashes, reloads, restarts, clocks, the weather.
class Fate {
 public:
  explicit Fate(World& world) : world_{world} {}
  void crash_some();
  void crash(SimGateway& gateway);
  void drain_some();
  void start_all();
  void reload(RuleVersion version);
  void restart_store();
  void jump_a_clock();
  void change_weather();
  void calm_down();  // nothing is lost any more, and everything is up

  unsigned crash_between_steps = 0;  // in ten thousand

 private:
  World& world_;
};

}  // namespace signalbox::sim
