// What is remembered of a delivery and for how long, and what a duplicate leaves alone.
#include <catch2/catch.hpp>

#include <map>

#include "connectors/connector.hpp"
#include "gateway/hooks/ingest.hpp"
#include "store/spool/spooled_commit.hpp"
#include "tests/gateway/other_configuration.hpp"

namespace signalbox {
namespace {

using namespace std::chrono_literals;
using test::pull_request;
using test::Sent;
using test::WorkerFixture;

// How long the facts of a delivery to the source `office` are remembered, by the first letter of
// their family: "id:…" and "digest:…". The spool has them as they were decided.
std::map<char, Milliseconds> windows_of(const std::function<void(SourceConfig&)>& change,
                                        Sent sent) {
  WorkerFixture fixture;
  fixture.compose(true);
  fixture.weather.away = true;
  test::change_configuration(fixture, [&](Config& config) {
    for (SourceConfig& source : config.sources) {
      if (source.name == "office") change(source);
    }
  });
  sent.target = "/hooks/office";
  const auto ack = fixture.ingest_only(std::move(sent));
  if (!ack) throw std::runtime_error(ack.error().detail);
  const auto spooled = spooled_commit_from(fixture.spool.entries.at(0));
  std::map<char, Milliseconds> windows;
  for (const Seen& seen : spooled->commit.seen) windows[seen.family.front()] = seen.window;
  return windows;
}

Sent linear_issue() {
  Sent sent;
  sent.body = R"({"action":"create","type":"Issue","createdAt":"2026-11-22T10:00:00.000Z",)"
              R"("data":{"id":"11111111-2222-4333-8444-555555555555","identifier":"ENG-1",)"
              R"("title":"t","team":{"id":"66666666-2222-4333-8444-555555555555","key":"ENG"}},)"
              R"("url":"https://linear.app/acme/issue/ENG-1",)"
              R"("organizationId":"77777777-2222-4333-8444-555555555555",)"
              R"("webhookTimestamp":1795341600000,)"
              R"("webhookId":"88888888-2222-4333-8444-555555555555"})";
  sent.headers = find_connector("linear")->sign("linear.Issue.create", "delivery-1", sent.body,
                                                test::fixture_secret);
  return sent;
}

}  // namespace

TEST_CASE("a body with a signed time is remembered until nobody can send it any more", "[ingest]") {
  struct Row {
    Milliseconds id, digest, expected;
  };
  // The longer window, what clocks may differ, the time for an answer, and a millisecond.
  for (const Row& row : {Row{1h, 2h, 2h + 5min + 4s + 1ms}, Row{3h, 2h, 3h + 5min + 4s + 1ms}}) {
    const auto windows = windows_of(
        [&](SourceConfig& source) {
          source.connector = find_connector("linear");
          source.deduplicate_id = row.id;
          source.deduplicate_digest = row.digest;
          source.answer_deadline = 4s;
        },
        linear_issue());
    CHECK(windows.at('d') == row.expected);
    if (windows.contains('i')) CHECK(windows.at('i') == row.id);
  }
}

TEST_CASE("a body without a signed time is remembered as long as the configuration says",
          "[ingest]") {
  const auto windows = windows_of(
      [](SourceConfig& source) {
        source.deduplicate_id = 1h;
        source.deduplicate_digest = 2h;
      },
      pull_request());
  CHECK(windows.at('i') == 1h);
  CHECK(windows.at('d') == 2h);
}

TEST_CASE("the body of a duplicate is not archived in the place of the first one's", "[ingest]") {
  WorkerFixture fixture;
  REQUIRE(fixture.ingest_only(pull_request("one"))->status == "accepted");
  // It would be archived behind the answer if it were an event: no rule makes a message of it now.
  test::change_configuration(fixture,
                             [](Config& config) { test::use_rules(config, "rules: []\n"); });
  const auto again = fixture.ingest_only(pull_request("one"));
  REQUIRE(again.has_value());
  CHECK(again->status == "duplicate");
  CHECK(fixture.bodies_archived() == 0);
}

}  // namespace signalbox
