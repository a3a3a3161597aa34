// Bodies in the background: the bound of what waits, and what is counted when it does not arrive.
#include "gateway/archive/archiver.hpp"

#include <catch2/catch.hpp>

#include "store/archive.hpp"
#include "tests/gateway/worker_fixture.hpp"

namespace signalbox {
namespace {

using test::WorkerFixture;

constexpr Milliseconds keep = std::chrono::hours{1};
constexpr std::size_t queue_bytes = 32 * 1024 * 1024;

// The id of an event whose body has not been stored yet.
std::string stored_event(WorkerFixture& fixture) {
  fixture.weather.failure.reset();
  const auto ack = fixture.ingest_only(test::delivery(
      "github.invented", "delivery-1", R"({"repository":{"id":7001,"full_name":"acme/api"}})"));
  return ack ? ack->event : std::string{};
}

}  // namespace

TEST_CASE("bodies wait up to the bound of their thread, and are dropped and counted beyond it",
          "[archive]") {
  WorkerFixture fixture;
  const std::string event = stored_event(fixture);
  const std::uint64_t before = fixture.bodies_archived();
  Archiver& archiver = *fixture.worker->archiver;
  const auto store = fixture.open_store("main");
  // Nothing leaves the queue until the thread runs.
  archiver.store_later(*store, event, std::string(queue_bytes - 1, 'x'), keep);
  archiver.store_later(*store, event, "x", keep);
  CHECK(fixture.bodies_not_archived() == 0);
  archiver.store_later(*store, event, "x", keep);
  archiver.compress_and_store_later(*store, event, "x", keep);
  CHECK(fixture.bodies_not_archived() == 2);
  fixture.poll();
  CHECK(fixture.bodies_archived() == before + 2);
  archiver.store_later(*store, event, "x", keep);
  fixture.poll();
  CHECK(fixture.bodies_archived() == before + 3);
  CHECK(fixture.bodies_not_archived() == 2);
}

TEST_CASE("a body that the store does not take is counted, and makes room again", "[archive]") {
  WorkerFixture fixture;
  const std::string event = stored_event(fixture);
  const std::uint64_t before = fixture.bodies_archived();
  Archiver& archiver = *fixture.worker->archiver;
  const auto store = fixture.open_store("main");
  fixture.weather.failure = Error{Reason::store_unavailable, "away"};
  archiver.store_later(*store, event, std::string(queue_bytes, 'x'), keep);
  fixture.poll();
  CHECK(fixture.bodies_not_archived() == 1);
  fixture.weather.failure.reset();
  archiver.store_later(*store, "e_of-nothing", std::string(queue_bytes, 'x'), keep);
  fixture.poll();
  CHECK(fixture.bodies_not_archived() == 2);
  archiver.store_later(*store, event, std::string(queue_bytes, 'x'), keep);
  fixture.poll();
  CHECK(fixture.bodies_archived() == before + 1);
}

TEST_CASE("a body is compressed beside the thread and stored as text is read", "[archive]") {
  WorkerFixture fixture;
  const std::string event = stored_event(fixture);
  const auto store = fixture.open_store("main");
  fixture.worker->archiver->compress_and_store_later(*store, event, R"({"long":"body"})", keep);
  fixture.poll();
  const auto stored = fixture.run(fixture.store().event(event, Deadline{}));
  REQUIRE((stored && *stored && (*stored)->body));
  const auto text = decompress_body(*(*stored)->body, 1'000);
  REQUIRE(text.has_value());
  CHECK(*text == R"({"long":"body"})");
}

}  // namespace signalbox
