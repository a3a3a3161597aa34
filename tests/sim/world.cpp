#include "tests/sim/world.hpp"

#include <fmt/format.h>

#include "tests/sim/actors/agents.hpp"
#include "tests/sim/actors/operators.hpp"
#include "tests/sim/actors/providers.hpp"

namespace signalbox::sim {
namespace {

constexpr Milliseconds sweep_interval{500};
constexpr std::int64_t jump_most_ms = 120'000;
constexpr std::uint64_t actions_most = 200'000;  // of one run: a livelock is a failure
constexpr int rounds_to_empty = 60;

}  // namespace

World::World(const Scenario& all, const RunOptions& options)
    : scenario{all},
      time{options.seed},
      trace{time, options.trace},
      dice{options.seed},
      defect{options.defect},
      server{time, verdict, defect},
      network{schedule, dice, gateways} {
  const StoreLink link{server, schedule, dice, trace, weather, defect};
  for (int i = 0; i < 2; ++i) {
    gateways.push_back(std::make_unique<SimGateway>(link, time, verdict));
  }
  server.on_wake = [this](const std::string& mailbox) {
    for (const auto& gateway : gateways) {
      if (dice.percent(20)) continue;  // hearing is best effort
      schedule.after(dice.milliseconds(0, 5), [&gateway, mailbox] { gateway->wake(mailbox); });
    }
  };
}

void Fate::start_all() {
  for (const auto& gateway : world_.gateways) {
    if (!gateway->up()) gateway->start(world_.scenario.of(world_.version));
  }
}

void Fate::crash(SimGateway& gateway) {
  world_.act("a gateway crashes");
  gateway.crash();
  world_.schedule.after(world_.dice.milliseconds(50, 5'000), [this] { start_all(); });
}

void Fate::crash_some() { crash(*world_.dice.any(world_.gateways)); }

// It is started again as soon as it is down.
void Fate::drain_some() {
  world_.act("a gateway is drained");
  world_.dice.any(world_.gateways)->drain();
}

// Gateways reload one after the other, and a request goes on as it began.
void Fate::reload(RuleVersion version) {
  world_.version = version;
  world_.act(fmt::format("rules {}", static_cast<int>(version)));
  for (const auto& gateway : world_.gateways) {
    world_.schedule.after(world_.dice.milliseconds(0, 50), [this, &gateway, version] {
      gateway->reload(world_.scenario.of(version));
    });
  }
}

void Fate::restart_store() {
  world_.act("the store restarts");
  world_.server.restart();
  world_.weather.store_up = false;
  world_.weather.down_since = world_.time.elapsed();
  for (const auto& gateway : world_.gateways) gateway->cut_store();
  const std::int64_t longest = world_.dice.percent(30) ? 400'000 : 20'000;
  world_.schedule.after(world_.dice.milliseconds(100, longest),
                        [this] { world_.weather.store_up = true; });
}

void Fate::jump_a_clock() {
  if (!world_.clocks_jump) return;
  const Milliseconds offset = world_.dice.milliseconds(-jump_most_ms, jump_most_ms);
  const std::uint64_t which = world_.dice.upto(3);
  world_.act(fmt::format("clock {} is {} ms ahead", which, offset.count()));
  (which < 2 ? world_.gateways[which]->clock : world_.server.clock).offset = offset;
}

void Fate::change_weather() {
  Weather& weather = world_.weather;
  const bool storm = world_.dice.percent(50);
  weather.lose_requests = storm ? static_cast<unsigned>(world_.dice.upto(15)) : 0;
  weather.lose_replies = storm ? static_cast<unsigned>(world_.dice.upto(25)) : 0;
  weather.hang = storm ? static_cast<unsigned>(world_.dice.upto(6)) : 0;
  weather.refuse = world_.dice.percent(15) ? 10 : 0;
  weather.disk_full = world_.dice.percent(20) ? 30 : 0;
  weather.slowest = world_.dice.milliseconds(1, storm ? 3'000 : 20);
  world_.network.loss = storm ? static_cast<unsigned>(world_.dice.upto(20)) : 1;
  world_.network.slowest = world_.dice.milliseconds(1, storm ? 2'000 : 20);
  world_.act(fmt::format("weather {} {} {}", weather.lose_requests, weather.lose_replies,
                         weather.slowest.count()));
}

void Fate::calm_down() {
  world_.weather = Weather{};
  world_.network.loss = 0;
  world_.network.slowest = Milliseconds{5};
  crash_between_steps = 0;
  start_all();
  reload(RuleVersion::whole);
}

namespace {

class Run {
 public:
  Run(const Scenario& scenario, const RunOptions& options)
      : options_{options},
        world_{scenario, options},
        fate_{world_},
        providers_{world_, fate_},
        agents_{world_},
        operators_{world_} {}

  RunResult result() {
    begin();
    while (!over() && step_ < options_.steps) {
      ++step_;
      act();
      pass(world_.dice.percent(4) ? world_.dice.milliseconds(60'000, 1'200'000)
                                  : world_.dice.milliseconds(0, 4'000));
      if (step_ % 16 == 0) audit();
    }
    if (!over()) end();
    return RunResult{world_.verdict.violation(), step_, world_.trace.hash(),
                     world_.verdict.checks(), world_.trace.situations()};
  }

 private:
  bool over() const { return world_.verdict.violation().has_value(); }

  void begin() {
    world_.clocks_jump = world_.dice.percent(30);
    world_.server.events.clocks_agree = !world_.clocks_jump;
    if (world_.dice.percent(50)) {
      fate_.crash_between_steps = static_cast<unsigned>(world_.dice.upto(60));
    }
    const bool spools = world_.dice.percent(60);
    for (const auto& gateway : world_.gateways) gateway->has_spool = spools;
    fate_.start_all();
    fate_.change_weather();
  }

  void act() {
    const std::uint64_t kind = world_.dice.upto(100);
    if (kind < 2) return providers_.deliver_mirrored();
    if (kind < 26) return providers_.deliver_new();
    if (kind < 38) return providers_.deliver_again();
    if (kind < 43) return providers_.replay_under_new_id();
    if (kind < 45) return providers_.replay_late();
    if (kind < 48) return providers_.deliver_at_an_edge();
    if (kind < 53) return providers_.forge();
    if (kind < 68) return agents_.receive_some();
    if (kind < 71) return agents_.listen();
    if (kind < 76) return agents_.use_old_receipts();
    if (kind < 84) return agents_.send_some();
    if (kind < 86) return agents_.send_wrongly();
    if (kind < 89) return agents_.read_an_event();
    if (kind < 93) return operate();
    if (kind < 95) return fate_.reload(static_cast<RuleVersion>(world_.dice.upto(rule_versions)));
    if (kind < 96) return world_.dice.percent(50) ? fate_.crash_some() : fate_.drain_some();
    if (kind < 97) return fate_.restart_store();
    if (kind < 98) return fate_.jump_a_clock();
    return fate_.change_weather();
  }

  void operate() {
    switch (world_.dice.upto(5)) {
      case 0:
        return agents_.look();
      case 1:
        return operators_.read_dead_letters();
      case 2:
      case 3:
        return operators_.replay_an_event();
      default:
        return operators_.redrive_some();
    }
  }

  void pass(Milliseconds time) {
    bool passed = false;
    world_.schedule.after(time, [&passed] { passed = true; });
    while (!passed && !over()) {
      world_.schedule.run_next();
      if (++actions_ > actions_most) return world_.verdict.broken("progress", "it never ends");
      poll_all();
    }
  }

  void poll_all() {
    for (const auto& gateway : world_.gateways) {
      gateway->poll([this] { return world_.dice.upto(10'000) < fate_.crash_between_steps; });
      if (!gateway->up()) {
        world_.schedule.after(world_.dice.milliseconds(50, 5'000), [this] { fate_.start_all(); });
      }
      if (gateway->has_waiters() && !sweeping_) sweep_later();
    }
  }

  void sweep_later() {
    sweeping_ = true;
    world_.schedule.after(sweep_interval, [this] {
      sweeping_ = false;
      for (const auto& gateway : world_.gateways) gateway->sweep();
    });
  }

  void audit() { world_.server.audit(); }

  // The storm is over: what is young is sent once more, and every message is read or dead.
  void end() {
    fate_.calm_down();
    pass(Milliseconds{60'000});
    providers_.settle();
    empty();
    if (over()) return;
    operators_.redrive_all();
    empty();
    if (over()) return;
    audit();
    world_.server.spool.audit_end();
    world_.verdict.expect(world_.server.mailboxes.open_count() == 0, "M2",
                          "messages are left that nobody can read");
  }

  void empty() {
    for (int i = 0; i < rounds_to_empty && !over(); ++i) {
      const bool waits = world_.server.spool.waits();
      if (i > 8 && !waits && world_.server.mailboxes.open_count() == 0) break;
      agents_.empty_mailboxes();
      pass(Milliseconds{30'000});
    }
  }

  RunOptions options_;
  World world_;
  Fate fate_;
  Providers providers_;
  Agents agents_;
  Operators operators_;
  std::uint64_t step_ = 0;
  std::uint64_t actions_ = 0;
  bool sweeping_ = false;
};

}  // namespace

RunResult run_world(const Scenario& scenario, const RunOptions& options) {
  Run run{scenario, options};
  return run.result();
}

}  // namespace signalbox::sim
