// sb_sim: simulations from seeds. The same seed gives the same run.
//
//   sb_sim --seed 7 --trace              one run, line by line
//   sb_sim --seeds 5000 --time-limit 60  many, from --first on
//   sb_sim --defect decide-anew          with a deliberate defect, until it is found
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <exception>

#include "tests/sim/world.hpp"

namespace signalbox::sim {
namespace {

struct Choice {
  RunOptions run;
  std::uint64_t first = 1;
  std::uint64_t seeds = 0;  // 0: only `run.seed`
  double time_limit_s = 0;  // 0: none
  std::string defect;
  bool situations = false;
};

std::string replay_command(const Choice& choice, const RunOptions& run) {
  std::string text = fmt::format("sb_sim --seed {} --steps {} --trace", run.seed, run.steps);
  if (!choice.defect.empty()) text += " --defect " + choice.defect;
  return text;
}

bool report(const Choice& choice, const RunOptions& run, const RunResult& result) {
  if (!result.violation) return true;
  fmt::print("seed {} step {}: {} is broken: {}\n  replay: {}\n", run.seed, result.step,
             result.violation->promise, result.violation->what, replay_command(choice, run));
  return false;
}

int run_one(const Scenario& scenario, const Choice& choice) {
  const RunResult result = run_world(scenario, choice.run);
  fmt::print("seed {}: {} steps, {} checks, trace {:016x}\n", choice.run.seed, result.step,
             result.checks, result.trace_hash);
  return report(choice, choice.run, result) ? 0 : 1;
}

int run_many(const Scenario& scenario, const Choice& choice) {
  const double began = real_seconds();
  std::uint64_t done = 0;
  std::uint64_t checks = 0;
  bool good = true;
  Situations situations;
  while (done < choice.seeds && good) {
    if (choice.time_limit_s > 0 && real_seconds() - began > choice.time_limit_s) break;
    RunOptions run = choice.run;
    run.seed = choice.first + done++;
    const RunResult result = run_world(scenario, run);
    checks += result.checks;
    for (const auto& [name, count] : result.situations) situations[name] += count;
    good = report(choice, run, result);
  }
  for (const auto& [name, count] : situations) {
    if (choice.situations) fmt::print("{:>10}  {}\n", count, name);
  }
  const double seconds = real_seconds() - began;
  fmt::print("{} seeds from {} in {:.1f} s: {:.0f} seeds/s, {} checks, {}\n", done, choice.first,
             seconds, static_cast<double>(done) / seconds, checks,
             good ? "no promise broken" : "a promise is broken");
  return good ? 0 : 1;
}

int run_program(int count, char** arguments) {
  Choice choice;
  CLI::App app{"Simulates gateways, their store, providers and agents from a seed."};
  app.add_option("--seed", choice.run.seed, "One run, of this seed");
  app.add_option("--steps", choice.run.steps, "Things that somebody does, in one run")
      ->capture_default_str();
  app.add_flag("--trace", choice.run.trace, "Print what happens");
  app.add_option("--seeds", choice.seeds, "This many runs");
  app.add_option("--first", choice.first, "The first seed of many")->capture_default_str();
  app.add_flag("--situations", choice.situations, "Count what many runs met");
  app.add_option("--time-limit", choice.time_limit_s, "Begin no run after so many seconds");
  app.add_option("--defect", choice.defect, "With a deliberate defect, see defect.hpp")
      ->check([](const std::string& name) {
        return find_defect(name) ? std::string{} : "no such defect";
      });
  CLI11_PARSE(app, count, arguments);
  if (!choice.defect.empty()) choice.run.defect = *find_defect(choice.defect);
  const Scenario scenario;
  return choice.seeds == 0 ? run_one(scenario, choice) : run_many(scenario, choice);
}

}  // namespace
}  // namespace signalbox::sim

int main(int count, char** arguments) {
  try {
    return signalbox::sim::run_program(count, arguments);
  } catch (const std::exception& failed) {
    fmt::print(stderr, "sb_sim: {}\n", failed.what());
    return 2;
  }
}
