// commit.lua through RedisStore: atomicity, the kinds of duplicates, and what decides a delivery
// anew.
#include <fmt/format.h>

#include "tests/store/key_bounds.hpp"
#include "tests/store/store_fixture.hpp"

namespace signalbox::testing {
namespace {

using namespace std::chrono_literals;

struct CommitFixture {
  boost::asio::io_context io;
  EmbeddedRedis& redis = shared_redis();
  RedisStore store{io, RedisStoreOptions{redis.endpoint()}};
  Direct direct{redis.endpoint()};

  CommitResult commit(const Commit& commit) { return must_run(io, store.commit(commit, soon())); }
  Peeked peek(const std::string& mailbox) { return must_run(io, store.peek(mailbox, 100, soon())); }
  std::optional<StoredEvent> event(const std::string& id) {
    return must_run(io, store.event(id, soon()));
  }
  EventPage page(const std::string& cursor = {}) {
    EventQuery query;
    query.cursor = cursor;
    query.max = 10;
    return must_run(io, store.events(query, soon()));
  }
  std::string receive_one(const std::string& mailbox) {
    const ReceiveRequest request{mailbox, 1, 0, 1min, 0};
    return must_run(io, store.receive(request, soon())).messages.at(0).receipt;
  }
  // Facts and records only, all at once.
  void commit_bare(int from, int to, int& committed) {
    const auto one = [&](int number) -> Task<void> {
      Commit bare = sample_commit(number);
      bare.appends.clear();
      bare.record.body.clear();
      const auto result = co_await store.commit(bare, soon());
      committed += result && result->status == CommitStatus::committed;
      --to;
    };
    const int until = from;
    for (int i = from, end = to; i < end; ++i) {
      boost::asio::co_spawn(io, one(i),
                            [](const std::exception_ptr& failure) { CHECK_FALSE(failure); });
    }
    run_until(io, [&] { return to == until; });
  }
  std::int64_t key_count() { return direct({"DBSIZE"}).integer; }
  std::string unbounded() { return unbounded_keys(direct, sample_bounds); }
};

TEST_CASE_METHOD(CommitFixture, "a new event is stored with its record, its body and its message") {
  CHECK(commit(sample_commit(1)).status == CommitStatus::committed);
  const auto stored = event(sample_event_id(1));
  REQUIRE(stored);
  CHECK(stored->outcome == Outcome::accepted);
  CHECK(stored->record == sample_commit(1).record.json);
  CHECK(stored->body == "body of 1");
  const Peeked box = peek("box");
  CHECK(box.counts.ready == 1);
  REQUIRE(box.messages.size() == 1);
  CHECK(box.messages[0].json == R"({"n":1,"sequence":"1"})");
}

TEST_CASE_METHOD(CommitFixture,
                 "the same delivery again is a duplicate that names the first and its record") {
  commit(sample_commit(1));
  Commit again = sample_commit(1);
  again.record.attempt = attempt_mark(2);
  const CommitResult result = commit(again);
  CHECK(result.status == CommitStatus::duplicate);
  CHECK(result.first_event == sample_event_id(1));
  CHECK(result.first_outcome == Outcome::accepted);
  CHECK(result.first_record == again.record.json);
  CHECK(peek("box").counts.ready == 1);
}

TEST_CASE_METHOD(CommitFixture, "the same body under a fresh id is a duplicate of the first") {
  commit(sample_commit(1));
  Commit replay = sample_commit(2);
  replay.seen[1] = sample_commit(1).seen[1];
  const CommitResult result = commit(replay);
  CHECK(result.status == CommitStatus::duplicate);
  CHECK(result.first_event == sample_event_id(1));
  CHECK_FALSE(event(sample_event_id(2)));
  CHECK(peek("box").counts.ready == 1);
}

// Of a body that came under an event's name; equal bodies are lawful for `guard`'s sake only.
Commit named_commit(int number, std::uint16_t name_tag, std::optional<Milliseconds> guard = {}) {
  Commit named = sample_commit(number);
  named.seen[1] = sample_commit(1).seen[1];
  named.seen[1].guard = guard;
  named.record.name_tag = name_tag;
  return named;
}

TEST_CASE_METHOD(CommitFixture, "a body that was seen under another name is refused") {
  const Outcome first = GENERATE(Outcome::accepted, Outcome::no_match, Outcome::dropped);
  const auto first_guard = GENERATE(std::optional<Milliseconds>{}, std::optional{0ms});
  const auto guard = GENERATE(std::optional<Milliseconds>{}, std::optional{0ms});
  Commit original = named_commit(1, 0x0102, first_guard);
  original.record.outcome = first;
  CHECK(commit(original).status == CommitStatus::committed);
  const auto keys = key_count();
  for (int again = 2; again < 5; ++again) {
    const CommitResult result = commit(named_commit(again, 0x0103, guard));
    CHECK(result.status == CommitStatus::event_mismatch);
    CHECK(result.first_event == sample_event_id(1));
    CHECK_FALSE(event(sample_event_id(again)));
  }
  CHECK(key_count() == keys);
  CHECK(peek("box").counts.ready == 1);
}

TEST_CASE_METHOD(CommitFixture, "an event that is decided anew cannot change its name") {
  Commit nothing = named_commit(1, 0x0102);
  nothing.record.outcome = Outcome::no_match;
  commit(nothing);
  Commit again = named_commit(1, 0x0103);
  again.record.attempt = attempt_mark(2);
  CHECK(commit(again).status == CommitStatus::event_mismatch);
  again.record.name_tag = 0x0102;
  CHECK(commit(again).status == CommitStatus::committed);
}

TEST_CASE_METHOD(CommitFixture, "lawful repetitions under one name go on, and the name stays") {
  for (int number = 1; number < 5; ++number) {
    CHECK(commit(named_commit(number, 0x0102, 0ms)).status == CommitStatus::committed);
  }
  CHECK(commit(named_commit(5, 0x0103, 0ms)).status == CommitStatus::event_mismatch);
  CHECK(commit(named_commit(6, 0x0102, 0ms)).status == CommitStatus::committed);
  CHECK(peek("box").counts.ready == 5);
}

TEST_CASE_METHOD(CommitFixture, "a fact of a version or a connector without names holds for any") {
  commit(named_commit(1, 0));
  CHECK(commit(named_commit(2, 0x0102)).status == CommitStatus::duplicate);
  Commit other = named_commit(3, 0x0102);
  other.seen[1].family = "digest:other";
  commit(other);
  Commit nameless = named_commit(4, 0);
  nameless.seen[1].family = "digest:other";
  CHECK(commit(nameless).status == CommitStatus::duplicate);
}

TEST_CASE_METHOD(CommitFixture, "equal bodies of different sources are no duplicates") {
  commit(sample_commit(1));
  Commit other = sample_commit(2);
  other.seen[1] = sample_commit(1).seen[1];
  other.seen[1].family = "digest:linear";
  CHECK(commit(other).status == CommitStatus::committed);
}

TEST_CASE_METHOD(CommitFixture, "the same attempt again is our own lost reply and committed") {
  commit(sample_commit(1));
  CHECK(commit(sample_commit(1)).status == CommitStatus::committed);
  CHECK(peek("box").counts.ready == 1);
}

TEST_CASE_METHOD(CommitFixture, "the same attempt again is recognised without any deduplication") {
  Commit plain = sample_commit(1);
  plain.seen.clear();
  commit(plain);
  must_run(io, store.acknowledge("box", {receive_one("box")}, soon()));
  CHECK(commit(plain).status == CommitStatus::committed);
  CHECK(peek("box").counts.ready == 0);
}

TEST_CASE_METHOD(CommitFixture, "a delivery whose first outcome was not accepted is decided anew") {
  const Outcome first = GENERATE(Outcome::no_match, Outcome::dropped);
  Commit nothing = sample_commit(1);
  nothing.record.outcome = first;
  nothing.appends.clear();
  commit(nothing);
  Commit again = sample_commit(1);
  again.record.attempt = attempt_mark(2);
  CHECK(commit(again).status == CommitStatus::committed);
  CHECK(event(sample_event_id(1))->outcome == Outcome::accepted);
  CHECK(peek("box").counts.ready == 1);
  again.record.attempt = attempt_mark(3);
  CHECK(commit(again).status == CommitStatus::duplicate);
  const EventPage newest = page();
  CHECK(newest.events.size() == 1);
}

TEST_CASE_METHOD(CommitFixture,
                 "a body whose first delivery was not accepted may come under another id") {
  Commit nothing = sample_commit(1);
  nothing.record.outcome = Outcome::no_match;
  nothing.appends.clear();
  commit(nothing);
  Commit other = sample_commit(2);
  other.seen[1] = nothing.seen[1];
  CHECK(commit(other).status == CommitStatus::committed);
  Commit third = sample_commit(3);
  third.seen[1] = nothing.seen[1];
  const CommitResult result = commit(third);
  CHECK(result.status == CommitStatus::duplicate);
  CHECK(result.first_event == sample_event_id(2));
}

TEST_CASE_METHOD(CommitFixture, "what was partly dropped is replaced only by who knows of it") {
  Commit partly = sample_commit(1);
  partly.record.outcome = Outcome::partly_dropped;
  CHECK(commit(partly).status == CommitStatus::committed);
  CHECK(commit(partly).status == CommitStatus::committed);

  Commit again = sample_commit(1);
  again.appends[0].id = "m_again";
  again.record.attempt = attempt_mark(2);
  const CommitResult result = commit(again);
  CHECK(result.status == CommitStatus::partly_dropped);
  CHECK(result.first_attempt == partly.record.attempt);
  CHECK(result.first_record == partly.record.json);
  CHECK(peek("box").counts.ready == 1);
  again.follows = attempt_mark(7);
  CHECK(commit(again).status == CommitStatus::partly_dropped);
  again.follows = result.first_attempt;
  CHECK(commit(again).status == CommitStatus::committed);
  CHECK(peek("box").counts.ready == 2);
  CHECK(event(sample_event_id(1))->outcome == Outcome::accepted);
  CHECK(page().events.size() == 1);
}

TEST_CASE_METHOD(CommitFixture, "a body that was partly sent is a duplicate under any other id") {
  Commit partly = sample_commit(1);
  partly.record.outcome = Outcome::partly_dropped;
  commit(partly);
  Commit other = sample_commit(2);
  other.seen[1] = partly.seen[1];
  const CommitResult result = commit(other);
  CHECK(result.status == CommitStatus::duplicate);
  CHECK(result.first_outcome == Outcome::partly_dropped);
}

TEST_CASE_METHOD(CommitFixture, "a fact outlives its record: a duplicate without one") {
  commit(sample_commit(1));
  CHECK(direct({"DEL", "sb1:{main}:ev:" + sample_event_id(1)}).integer == 1);
  Commit replay = sample_commit(2);
  replay.seen[1] = sample_commit(1).seen[1];
  const CommitResult result = commit(replay);
  CHECK(result.status == CommitStatus::duplicate);
  CHECK(result.first_event == sample_event_id(1));
  CHECK(result.first_record.empty());
}

// Decided again as another decision would be, so many hours after the first time.
struct LaterDelivery : CommitFixture {
  TestClock clock;
  RedisStore timed{io, RedisStoreOptions{redis.endpoint(), "sb1", test_time_script}};
  FakeStore fake{clock};

  const Time began = clock.time;

  CommitStatus at(Milliseconds later, Milliseconds keep, int attempt) {
    clock.time = began + later;
    direct({"SET", "sb1:{main}:now", std::to_string(clock.time.time_since_epoch().count())});
    Commit again = sample_commit(1);
    again.seen.pop_back();
    again.appends.clear();
    again.record.keep = keep;
    again.record.attempt = attempt_mark(attempt);
    again.record.received = clock.time;
    again.record.json = fmt::format("{{\"decided\":{}}}", attempt);
    again.record.body = fmt::format("body of attempt {}", attempt);
    const auto status = must_run(io, timed.commit(again, soon())).status;
    CHECK(must_run(io, fake.commit(again, soon())).status == status);
    return status;
  }
  void cites(const std::string& record, const std::string& body) {
    for (Store* each : {static_cast<Store*>(&timed), static_cast<Store*>(&fake)}) {
      const auto stored = must_run(io, each->event(sample_event_id(1), soon()));
      REQUIRE(stored);
      CHECK(stored->record == record);
      CHECK(stored->body == body);
    }
  }
};

TEST_CASE_METHOD(LaterDelivery,
                 "an accepted event is not replaced by its redelivery while it is kept, though its "
                 "window is over") {
  CHECK(at(0h, 168h, 1) == CommitStatus::committed);
  CHECK(at(71h, 168h, 2) == CommitStatus::duplicate);
  CHECK(at(73h, 168h, 3) == CommitStatus::duplicate);
  CHECK(at(167h, 168h, 4) == CommitStatus::duplicate);
  cites("{\"decided\":1}", "body of attempt 1");
}

TEST_CASE_METHOD(LaterDelivery, "an id counts for its window, though its record is kept shorter") {
  CHECK(at(0h, 1h, 1) == CommitStatus::committed);
  CHECK(at(71h, 1h, 2) == CommitStatus::duplicate);
  CHECK(at(145h, 1h, 3) == CommitStatus::committed);
  CHECK(at(146h, 1h, 4) == CommitStatus::duplicate);
}

// Equal bodies without anything of their own, each under an id of its own.
struct RepeatedBody : LaterDelivery {
  CommitStatus repeat(Milliseconds later, int number, std::optional<Milliseconds> guard) {
    clock.time = began + later;
    direct({"SET", "sb1:{main}:now", std::to_string(clock.time.time_since_epoch().count())});
    Commit next = named_commit(number, 0, guard);
    next.appends.clear();
    next.record.received = clock.time;
    const auto status = must_run(io, timed.commit(next, soon())).status;
    CHECK(must_run(io, fake.commit(next, soon())).status == status);
    return status;
  }
};

TEST_CASE_METHOD(RepeatedBody,
                 "a guard counts from the last event that was taken, to the millisecond") {
  CHECK(repeat(0ms, 1, 10s) == CommitStatus::committed);
  CHECK(repeat(9'999ms, 2, 10s) == CommitStatus::duplicate);
  CHECK(repeat(10'000ms, 3, 10s) == CommitStatus::committed);
  CHECK(repeat(19'999ms, 4, 10s) == CommitStatus::duplicate);
  CHECK(repeat(20'000ms, 5, 10s) == CommitStatus::committed);
  CHECK(repeat(20'000ms, 6, 0ms) == CommitStatus::committed);
  CHECK(repeat(1h, 7, std::nullopt) == CommitStatus::duplicate);
}

TEST_CASE_METHOD(RepeatedBody, "without a guard a body may come again though a clock went back") {
  CHECK(repeat(0ms, 1, 0ms) == CommitStatus::committed);
  CHECK(repeat(-1h, 2, 0ms) == CommitStatus::committed);
}

TEST_CASE_METHOD(CommitFixture, "a full mailbox refuses the whole commit and is named") {
  Commit filling = sample_commit(1, "small");
  filling.mailbox_max = 1;
  commit(filling);
  Commit over = sample_commit(2, "roomy");
  over.mailbox_max = 1;
  over.appends.push_back(Append{"small", "", "m_over", "{}"});
  CommitResult result = commit(over);
  const auto keys = key_count();
  CHECK(result.status == CommitStatus::mailbox_full);
  result = commit(over);
  CHECK(result.status == CommitStatus::mailbox_full);
  CHECK(result.full_mailbox == "small");
  CHECK(key_count() == keys);
  CHECK_FALSE(event(sample_event_id(2)));
  CHECK(peek("roomy").counts.ready == 0);

  over.mailbox_max = 2;
  CHECK(commit(over).status == CommitStatus::committed);
}

TEST_CASE_METHOD(CommitFixture,
                 "messages that a mailbox holds already need no room and are not added") {
  Commit first = sample_commit(1);
  first.mailbox_max = 1;
  commit(first);
  Commit second = sample_commit(2);
  second.mailbox_max = 1;
  second.appends = first.appends;
  second.appends.push_back(first.appends[0]);
  CHECK(commit(second).status == CommitStatus::committed);
  CHECK(peek("box").counts.ready == 1);
}

TEST_CASE_METHOD(CommitFixture,
                 "facts are found again in all segments, and take less than 30 bytes each") {
  constexpr int events = 100'000;
  int committed = 0;
  for (int i = 0; i < events; i += 2'000) commit_bare(i, i + 2'000, committed);
  REQUIRE(committed == events);
  constexpr std::size_t segment_text_bytes = 27;
  CHECK(direct({"GET", "sb1:{main}:ds:digest:github"}).text.size() >= 2 * segment_text_bytes);

  // Ids are remembered by their records, so all of this is the digests'.
  std::int64_t bytes = 0;
  for (const Reply& key : direct({"KEYS", "sb1:{main}:ds:*"}).elements) {
    bytes += direct({"MEMORY", "USAGE", key.text, "SAMPLES", "0"}).integer;
  }
  constexpr std::int64_t facts = 2 * events;
  INFO("bytes a digest: " << static_cast<double>(bytes) / events);
  CHECK(bytes < 30 * facts);
  CHECK(bytes < 40 * events);

  for (int k = 0; k < events; k += 397) {
    Commit again = sample_commit(k);
    again.record.attempt = attempt_mark(99'999'999 - k);
    REQUIRE(commit(again).status == CommitStatus::duplicate);
    Commit replay = sample_commit(events + k);
    replay.seen[1] = sample_commit(k).seen[1];
    REQUIRE(commit(replay).first_event == sample_event_id(k));
  }
  CHECK(unbounded() == "");
}

TEST_CASE_METHOD(CommitFixture,
                 "pages of events go back to the first one, newest first, without gaps") {
  for (int i = 0; i < 25; ++i) commit(sample_commit(i));
  std::vector<std::string> seen;
  std::string cursor;
  do {
    const EventPage next = page(cursor);
    for (const StoredEvent& one : next.events) seen.push_back(one.record);
    cursor = next.next;
  } while (!cursor.empty());
  REQUIRE(seen.size() == 25);
  for (int i = 0; i < 25; ++i)
    CHECK(seen[static_cast<std::size_t>(i)] == sample_commit(24 - i).record.json);
  EventQuery query;
  query.cursor = "1;2";
  const auto wrong = run(io, store.events(query, soon()));
  REQUIRE_FALSE(wrong.has_value());
  CHECK(wrong.error().reason == Reason::invalid_argument);
}

TEST_CASE_METHOD(CommitFixture, "a body that is archived later is found with its event") {
  Commit bare = sample_commit(1);
  bare.record.body.clear();
  commit(bare);
  CHECK_FALSE(event(sample_event_id(1))->body);
  must_run(io, store.archive_body(sample_event_id(1), "late body", 1h, soon()));
  CHECK(event(sample_event_id(1))->body == "late body");
}

TEST_CASE_METHOD(CommitFixture, "a readable name stands for the work of its last event") {
  const auto find = [&](const std::string& name) {
    return must_run(io, store.find_work(name, soon()));
  };
  CHECK_FALSE(find("github:acme/api#42"));
  Commit named = sample_commit(1);
  named.alias = Alias{"github:acme/api#42", "w_1"};
  commit(named);
  CHECK(find("github:acme/api#42") == "w_1");
  Commit renamed = sample_commit(2);
  renamed.alias = Alias{"github:acme/api#42", "w_2"};
  commit(renamed);
  CHECK(find("github:acme/api#42") == "w_2");
}

TEST_CASE_METHOD(CommitFixture, "a record longer than one read of a page is given whole") {
  Commit large = sample_commit(1);
  large.record.json = R"({"x":")" + std::string(20'000, 'x') + "\"}";
  commit(large);
  const EventPage newest = page();
  REQUIRE(newest.events.size() == 1);
  CHECK(newest.events[0].record == large.record.json);
  CHECK(event(sample_event_id(1))->record == large.record.json);
}

TEST_CASE_METHOD(CommitFixture, "every key that a commit makes has a bound") {
  // The second one finds a segment open, and mostly makes a bucket in it.
  for (int i = 0; i < 20; ++i) {
    Commit next = sample_commit(i, "fulfilled");
    next.alias = Alias{fmt::format("github:acme/api#{}", i), "w_1"};
    next.appends.push_back(Append{"other", "w_1", fmt::format("m_a{}", i), "{}"});
    commit(next);
    CHECK(unbounded() == "");
  }
  const std::string buckets = "sb1:{main}:ds:digest:github:*";
  CHECK(direct({"KEYS", buckets}).elements.size() > 10);
  must_run(io, store.archive_body(sample_event_id(1), "late body", 1h, soon()));
  CHECK(unbounded() == "");
  receive_one("fulfilled");
  CHECK(unbounded() == "");
  Commit refused = sample_commit(100, "fulfilled");
  refused.mailbox_max = 1;
  CHECK(commit(refused).status == CommitStatus::mailbox_full);
  CHECK(unbounded() == "");
}

TEST_CASE_METHOD(CommitFixture,
                 "a key that nothing bounds is noticed, and one that is in no table") {
  commit(sample_commit(1));
  direct({"PERSIST", "sb1:{main}:ev:" + sample_event_id(1)});
  CHECK(unbounded().find("ev:" + sample_event_id(1) + " lives -1 ms") != std::string::npos);
  direct({"PEXPIRE", "sb1:{main}:ev:" + sample_event_id(1), "999999999999"});
  CHECK(unbounded().find("lives 99999999") != std::string::npos);
  direct({"FLUSHALL"});
  direct({"SET", "sb1:{main}:new:thing", "x", "EX", "10"});
  CHECK(unbounded() == "sb1:{main}:new:thing is not in the table");
  direct({"FLUSHALL"});
  direct({"HSET", "sb1:{main}:mb:box:m", "m_1", "{}"});
  CHECK(unbounded() == "sb1:{main}:mb:box does not fit together");
}

TEST_CASE_METHOD(CommitFixture, "an emptied mailbox leaves nothing but its counters") {
  commit(sample_commit(1));
  const auto done = must_run(io, store.acknowledge("box", {receive_one("box")}, soon()));
  CHECK(done == std::vector<bool>{true});
  const Reply keys = direct({"KEYS", "sb1:{main}:mb:*"});
  REQUIRE(keys.elements.size() == 1);
  CHECK(keys.elements[0].text == "sb1:{main}:mb:box:n");
}

}  // namespace
}  // namespace signalbox::testing
