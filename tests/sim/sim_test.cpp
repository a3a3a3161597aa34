// The simulation itself: it repeats, and its checks can fail.
#include <catch2/catch.hpp>

#include <set>

#include "world.hpp"

namespace signalbox::sim {
namespace {

constexpr std::uint64_t seeds_to_find = 60;

const Scenario& scenario() {
  static const Scenario loaded;
  return loaded;
}

bool names(std::string_view promises, std::string_view promise) {
  return promises.find(promise) != std::string_view::npos;
}

}  // namespace

TEST_CASE("the same seed gives the same run, and another seed another one") {
  std::set<std::uint64_t> hashes;
  for (std::uint64_t seed = 1; seed <= 8; ++seed) {
    RunOptions options;
    options.seed = seed;
    const RunResult first = run_world(scenario(), options);
    const RunResult second = run_world(scenario(), options);
    INFO("seed " << seed);
    CHECK(first.trace_hash == second.trace_hash);
    CHECK(first.checks == second.checks);
    hashes.insert(first.trace_hash);
  }
  CHECK(hashes.size() == 8);
}

TEST_CASE("each deliberate defect is found, as a breach of the promise that it breaks") {
  for (const DefectRow& row : defects) {
    RunOptions options;
    options.defect = row.defect;
    std::optional<Violation> found;
    for (options.seed = 1; options.seed <= seeds_to_find && !found; ++options.seed) {
      found = run_world(scenario(), options).violation;
    }
    INFO(row.name << ": " << row.what);
    REQUIRE(found);
    INFO(found->promise << ": " << found->what);
    CHECK(names(row.promises, found->promise));
  }
}

}  // namespace signalbox::sim
