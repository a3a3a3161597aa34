// From a replay to its commit, and whether a record is of the same call.
#include "coordination/replay.hpp"

#include <catch2/catch.hpp>

#include "coordination/packed_id.hpp"
#include "event/ids.hpp"

namespace signalbox {
namespace {

using namespace std::chrono_literals;

const std::string replay_mark(attempt_chars, 'x');

ReplayCommand sample() {
  ReplayCommand replay;
  replay.event = "e_1";
  replay.generation = 2;
  replay.caller = "operator:ann";
  replay.idempotency_key = "key-1";
  replay.request = "request";
  replay.ruleset = "digest";
  replay.at = *parse_time("2026-11-22T10:00:00Z");
  replay.keep = 500h;
  replay.room = {7, 8};
  return replay;
}

Decision decision() {
  Decision made;
  made.matched = {"review"};
  made.failures = {RuleFailure{"broken", "why"}};
  made.messages = {
      OutgoingMessage{"m_1", "reviewer", "w_1", "review", MessageKind::assign, "main", "{}"}};
  return made;
}

bool is_same(Json record, const ReplayCommand& replay) {
  const auto same = is_same_replay(record, replay);
  REQUIRE(same.has_value());
  return *same;
}

TEST_CASE("a replay is remembered by its event and number as long as it is kept") {
  const Commit commit = plan_replay(sample(), decision(), replay_mark);
  CHECK(commit.record.event == replay_id("e_1", 2));
  CHECK(commit.record.event != replay_id("e_1", 1));
  CHECK(commit.record.event != replay_id("e_2", 2));
  CHECK_FALSE(commit.record.listed);
  CHECK(commit.record.keep == 500h);
  CHECK(commit.record.received == sample().at);
  CHECK(commit.record.attempt == replay_mark);
  CHECK(commit.mailbox_max == 7);
  CHECK(commit.mailbox_bytes_max == 8);
  REQUIRE(commit.seen.size() == 1);
  CHECK(commit.seen[0].family == "replay");
  CHECK(commit.seen[0].fingerprint == *pack_id(commit.record.event));
  CHECK(commit.seen[0].window == commit.record.keep);
  REQUIRE(commit.appends.size() == 1);
  CHECK(commit.appends[0].mailbox == "reviewer");
  CHECK(commit.appends[0].group == "w_1");
  CHECK(commit.appends[0].id == "m_1");
}

TEST_CASE("a replay's record says what was decided, and keeps neither key nor request") {
  JsonDocument document;
  const Commit commit = plan_replay(sample(), decision(), replay_mark);
  CHECK(commit.record.json.find("key-1") == std::string::npos);
  const Json record = *document.parse_copy(commit.record.json);
  CHECK(record["event"].string_or("") == "e_1");
  CHECK(record["generation"].integer() == 2);
  CHECK(record["at"].string_or("") == "2026-11-22T10:00:00Z");
  CHECK(record["by"].string_or("") == "operator:ann");
  CHECK(record["key"].string_or("").size() == 64);
  CHECK(record["request"].string_or("") == to_hex(sha256("request")));
  CHECK(record["ruleset"].string_or("") == "digest");
  CHECK(record["rules"].raw() == R"(["review"])");
  CHECK(record["failures"].raw() == R"([{"rule":"broken","detail":"why"}])");
  CHECK(record["messages"].raw() ==
        R"([{"id":"m_1","mailbox":"reviewer","rule":"review","kind":"assign"}])");
}

TEST_CASE("a replay is the same by caller, key and request; without a key none is") {
  JsonDocument document;
  const Commit commit = plan_replay(sample(), decision(), replay_mark);
  const Json record = *document.parse_copy(commit.record.json);
  CHECK(is_same(record, sample()));
  ReplayCommand other = sample();
  other.caller = "operator:bob";
  CHECK_FALSE(is_same(record, other));
  other = sample();
  other.idempotency_key = "key-2";
  CHECK_FALSE(is_same(record, other));
  other = sample();
  other.request = "another";
  const auto conflict = is_same_replay(record, other);
  REQUIRE_FALSE(conflict.has_value());
  CHECK(conflict.error().reason == Reason::idempotency_conflict);

  other = sample();
  other.idempotency_key = {};
  JsonDocument keyless_document;
  const Commit keyless = plan_replay(other, decision(), replay_mark);
  const Json without_key = *keyless_document.parse_copy(keyless.record.json);
  CHECK_FALSE(without_key["key"]);
  CHECK_FALSE(is_same(without_key, other));
}

}  // namespace
}  // namespace signalbox
