// The simulation itself: it repeats, and its checks can fail.
#include <catch2/catch.hpp>

#include <set>

#include "connectors/request/freshness.hpp"
#include "tests/sim/actors/providers.hpp"
#include "tests/sim/world.hpp"

namespace signalbox::sim {
namespace {

constexpr std::uint64_t seeds_to_find = 200;

const Scenario& scenario() {
  static const Scenario loaded;
  return loaded;
}

// Delivers in fine weather, and waits for the answer.
HookAnswer deliver(World& world, const KnownDelivery& delivery) {
  SimGateway& gateway = *world.gateways[0];
  if (!gateway.up()) gateway.start(world.scenario.of(RuleVersion::whole));
  world.server.events.sent(delivery);
  HookAnswer answer;
  gateway.ask(webhook_of(delivery),
              [&answer](const Response& response) { answer = read_hook_answer(response); });
  gateway.poll([] { return false; });
  while (answer.status == 0 && !world.schedule.empty()) {
    world.schedule.run_next();
    gateway.poll([] { return false; });
  }
  return answer;
}

// Signed by the source's first secret; its body and content are the caller's to say.
KnownDelivery delivery_from(std::string_view source, std::string id, std::string type) {
  KnownDelivery delivery;
  delivery.source = source;
  delivery.id = std::move(id);
  delivery.type = std::move(type);
  delivery.secret = source_named(source).secrets[0];
  delivery.marker = "bulk";
  return delivery;
}

void wait(World& world, Milliseconds time) {
  bool over = false;
  world.schedule.after(time, [&over] { over = true; });
  while (!over) world.schedule.run_next();
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

TEST_CASE("two hundred seeds meet every situation that the promises are about") {
  Situations met;
  RunOptions options;
  for (options.seed = 1; options.seed <= 200; ++options.seed) {
    const RunResult result = run_world(scenario(), options);
    REQUIRE_FALSE(result.violation);
    for (const auto& [name, count] : result.situations) met[name] += count;
  }
  for (const std::string_view situation : {"an event is new",
                                           "an event is decided anew",
                                           "accepted",
                                           "no_match",
                                           "dropped",
                                           "a duplicate by its id",
                                           "a duplicate by its body",
                                           "a lost reply is recognised",
                                           "a call is cut off",
                                           "a call is carried out when nobody waits for it",
                                           "the store refuses a write",
                                           "a gateway crashes with requests under way",
                                           "a mailbox is full",
                                           "a forgery is refused",
                                           "a body comes from two sources",
                                           "a gateway is drained with requests under way",
                                           "a sender is told that its event is deferred",
                                           "an event comes out of the spool",
                                           "a spooled event is a duplicate by then",
                                           "a gateway crashes with entries in its spool",
                                           "the disk has what nobody was told of",
                                           "the disk is full",
                                           "an event with messages is replayed",
                                           "an event without messages is replayed",
                                           "a replay is repeated",
                                           "a send into another namespace is refused",
                                           "an agent writes because of a message",
                                           "a cause is gone",
                                           "a signed time is too old, or ahead",
                                           "a message is given again",
                                           "a message comes in a stream",
                                           "a message is dead",
                                           "a dead letter is read",
                                           "a dead letter is moved back",
                                           "a message is truncated",
                                           "a message is left for its bytes",
                                           "a truncated message is read whole",
                                           "an old receipt is refused",
                                           "a receipt acts after its lease, nobody else having it",
                                           "a send is repeated",
                                           "another request under a used key",
                                           "an event is read by who holds its message",
                                           "an event is read by somebody else"}) {
    INFO(situation);
    CHECK(met[situation] > 0);
  }
}

TEST_CASE("a signed time ahead of ours does not let its body in again behind the window") {
  RunOptions options;
  World world{scenario(), options};
  KnownDelivery delivery = delivery_from("linear", "first", "linear.issue.update");
  delivery.signed_at = world.time.wall() + clock_skew_max;
  delivery.body = R"({"type":"Issue","action":"update","createdAt":"now","webhookTimestamp":)" +
                  std::to_string(delivery.signed_at->time_since_epoch().count()) + "}";
  delivery.content = delivery.body;
  CHECK(deliver(world, delivery).outcome == "accepted");

  const Milliseconds longest = std::max(id_window, digest_window);
  wait(world, longest);
  delivery.id = "second";
  CHECK(deliver(world, delivery).outcome == "duplicate");
  wait(world, clock_skew_max - Milliseconds{100});
  delivery.id = "third";
  CHECK(deliver(world, delivery).outcome == "duplicate");
  wait(world, Milliseconds{200});
  delivery.id = "fourth";
  CHECK(deliver(world, delivery).status == 401);
}

TEST_CASE("where ids tell nothing apart, each delivery is an event that no other replaces") {
  RunOptions options;
  World world{scenario(), options};
  // Of a type whose equal bodies are not one event either.
  KnownDelivery delivery = delivery_from("mirror", "always-the-same", "github.workflow_dispatch");
  delivery.unique = false;
  delivery.body = R"({"ref":"refs/heads/main","workflow":"ci.yml","repository":{"id":7001,)"
                  R"("full_name":"acme/api"},"sender":{"login":"ada","id":7,"type":"User"}})";
  delivery.content = delivery.body;
  const HookAnswer first = deliver(world, delivery);
  const HookAnswer second = deliver(world, delivery);
  CHECK(first.outcome == "accepted");
  CHECK(second.outcome == "accepted");
  CHECK(first.event != second.event);
  FakeStore& store = world.server.store("main");
  for (const std::string& event : {first.event, second.event}) {
    const auto kept = world.server.run(store.event(event, Deadline{}));
    REQUIRE((kept && kept->has_value()));
    CHECK((*kept)->record.find(event) != std::string::npos);
  }
  CHECK_FALSE(world.verdict.violation());
}

}  // namespace signalbox::sim
