// What a configuration becomes at run time: who a token belongs to, and what a reload keeps.
#include "gateway/worker/runtime.hpp"

#include <catch2/catch.hpp>

#include "tests/gateway/worker_fixture.hpp"

namespace signalbox {

using test::WorkerFixture;

TEST_CASE("a token belongs to its agent or operator, and to nobody else", "[runtime]") {
  const WorkerFixture fixture;
  const Runtime& runtime = *fixture.worker->runtime;
  const Principal* reviewer = runtime.principals.find("reviewer-token-0001");
  REQUIRE(reviewer != nullptr);
  CHECK(reviewer->role == Principal::Role::agent);
  CHECK(reviewer->name == "reviewer");
  REQUIRE(reviewer->agent != nullptr);
  CHECK(reviewer->agent->name == "reviewer");
  const Principal* ops = runtime.principals.find("operator-token-0003");
  REQUIRE(ops != nullptr);
  CHECK(ops->role == Principal::Role::operator_);
  CHECK(ops->agent == nullptr);
  for (const char* wrong : {"", "reviewer-token-0002", "reviewer-token-000", "reviewer"}) {
    CHECK(runtime.principals.find(wrong) == nullptr);
  }
}

TEST_CASE("sources and rules go on with their counters, wherever they stand now", "[runtime]") {
  const WorkerFixture fixture;
  const Runtime& before = *fixture.worker->runtime;
  before.seat(0, before.find_source("forge").value()).counters->received.add(7);
  before.find_rule("paint")->matched = 3;
  auto changed = std::make_shared<Config>(*before.config);
  changed->sources.erase(changed->sources.begin());
  changed->sources.push_back(changed->sources.front());
  changed->sources.back().name = "new";
  const Runtime after{changed, &before};
  const auto received = [&](std::string_view name) {
    return after.seat(0, after.find_source(name).value()).counters->received.value();
  };
  CHECK(received("forge") == 7);
  CHECK(received("new") == 0);
  CHECK_FALSE(after.find_source("github"));
  CHECK(after.find_rule("paint")->matched == 3);
  CHECK(after.find_rule("none") == nullptr);
}

TEST_CASE("a signed time may be as old as the longest window of its source", "[runtime]") {
  using namespace std::chrono_literals;
  const WorkerFixture fixture;
  auto changed = std::make_shared<Config>(*fixture.worker->runtime->config);
  const auto window = [&](Milliseconds id, Milliseconds digest) {
    changed->sources[0].deduplicate_id = id;
    changed->sources[0].deduplicate_digest = digest;
    return Runtime{changed}.seat(0, 0).keys.replay_window;
  };
  CHECK(window(1h, 2h) == Milliseconds{2h});
  CHECK(window(3h, 2h) == Milliseconds{3h});
  CHECK(window(0h, 0h) == Milliseconds{72h});
}

TEST_CASE("a runtime that nobody uses any more is let go, one in use is kept", "[runtime]") {
  const WorkerFixture fixture;
  const auto config = fixture.worker->runtime->config;
  LiveRuntime live{std::make_shared<const Runtime>(config)};
  auto used = live.get();
  const std::weak_ptr<const Runtime> first = used;
  live.replace(std::make_shared<const Runtime>(config));
  CHECK(live.get() != used);
  CHECK(live.generations() == 2);
  live.release_retired();
  CHECK(live.generations() == 2);
  CHECK_FALSE(first.expired());
  used.reset();
  live.release_retired();
  CHECK(live.generations() == 1);
  CHECK(first.expired());
}

}  // namespace signalbox
