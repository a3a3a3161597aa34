// The archive's bounds, and what is remembered of events that left it.
#include "tests/store/key_bounds.hpp"
#include "tests/store/store_fixture.hpp"

namespace signalbox::testing {
namespace {

using namespace std::chrono_literals;

constexpr std::uint64_t any = 1'000'000'000;

struct ArchiveFixture {
  ArchiveFixture() { pass(0ms); }
  void pass(Milliseconds time) {
    clock.time += time;
    direct({"SET", "sb1:{main}:now", std::to_string(clock.time.time_since_epoch().count())});
  }
  CommitStatus commit(int number, std::size_t body_bytes = 100) {
    Commit event = sample_commit(number);
    event.record.received = clock.now();
    event.mailbox_max = any;
    event.record.body.assign(body_bytes, 'x');
    return must_run(io, store.commit(event, soon())).status;
  }
  void commit_all(int from, int to, std::size_t body_bytes = 100) {
    for (int n = from; n < to; ++n) CHECK(commit(n, body_bytes) == CommitStatus::committed);
  }
  ArchiveState step(ArchiveBounds bounds) {
    return must_run(io, store.trim_archive(bounds, soon()));
  }
  // Steps until there is nothing more to do; what was taken out is the sum.
  ArchiveState trim(ArchiveBounds bounds) {
    ArchiveState sum;
    for (bool more = true; more;) {
      const ArchiveState state = step(bounds);
      more = state.more;
      sum = {false, state.events, state.bytes, sum.taken_out + state.taken_out,
             sum.bytes_taken_out + state.bytes_taken_out};
    }
    return sum;
  }
  std::size_t listed() {
    std::size_t count = 0;
    EventQuery query;
    query.max = 100;
    do {
      const EventPage page = must_run(io, store.events(query, soon()));
      count += page.events.size();
      query.cursor = page.next;
    } while (!query.cursor.empty());
    return count;
  }
  std::string unbounded() {
    KeyBounds bounds = sample_bounds;
    bounds.ahead = clock.time - began;
    bounds.messages_max = any;
    return unbounded_keys(direct, bounds);
  }
  bool is_there(int number) {
    return must_run(io, store.event(sample_event_id(number), soon())).has_value();
  }

  boost::asio::io_context io;
  TestClock clock;
  EmbeddedRedis& redis = shared_redis();
  Direct direct{redis.endpoint()};
  RedisStore store{io, RedisStoreOptions{redis.endpoint(), "sb1", test_time_script}};
  const Time began = clock.time;
};

TEST_CASE_METHOD(ArchiveFixture, "an archive within its bounds is only measured") {
  commit_all(0, 20);
  const ArchiveState state = trim({20, any, 72h});
  CHECK(unbounded() == "");
  CHECK(state.events == 20);
  CHECK(state.bytes > 20 * 100);
  CHECK(state.taken_out == 0);
  CHECK(trim({20, any, 72h}).bytes == state.bytes);
  CHECK(listed() == 20);
}

TEST_CASE_METHOD(ArchiveFixture,
                 "over its number of events the oldest leave first, and are recognised") {
  commit_all(0, 30);
  ArchiveState state = trim({10, any, 72h});
  CHECK(state.events == 10);
  CHECK(state.taken_out == 20);
  CHECK(state.bytes_taken_out > 20 * 100);
  CHECK(unbounded() == "");
  CHECK(listed() == 10);
  CHECK_FALSE(is_there(19));
  CHECK(is_there(20));
  Commit again = sample_commit(3);
  again.record.attempt = attempt_mark(99);
  again.seen.pop_back();  // by its id alone
  const CommitResult result = must_run(io, store.commit(again, soon()));
  CHECK(result.status == CommitStatus::duplicate);
  CHECK(result.first_event == sample_event_id(3));
  CHECK(result.first_record.empty());
  // Its messages are where they were.
  CHECK(must_run(io, store.peek("box", 100, soon())).counts.ready == 30);

  commit_all(30, 35);
  state = trim({10, any, 72h});
  CHECK(state.taken_out == 5);
  CHECK_FALSE(is_there(24));
  CHECK(is_there(25));
}

TEST_CASE_METHOD(ArchiveFixture,
                 "nothing is left of an event that left the archive after its window") {
  commit_all(0, 10);
  pass(73h);
  commit_all(10, 12);
  const auto keys = direct({"DBSIZE"}).integer;
  CHECK(trim({2, any, 72h}).taken_out == 10);
  CHECK(direct({"EXISTS", "sb1:{main}:ev:" + sample_event_id(1)}).integer == 0);
  CHECK(direct({"DBSIZE"}).integer == keys + 1 - 10);  // the one key says how far this has come
}

TEST_CASE_METHOD(ArchiveFixture,
                 "over its bytes the oldest leave first, bodies stored later included") {
  commit_all(0, 10, 1000);
  CHECK(
      must_run(io, store.archive_body(sample_event_id(9), std::string(50'000, 'y'), 24h, soon())));
  CHECK(unbounded() == "");
  const ArchiveState before = trim({any, any, 72h});
  CHECK(before.bytes > 60'000);
  const ArchiveState after = trim({any, 55'000, 72h});
  CHECK(after.bytes <= 55'000);
  CHECK(after.bytes + after.bytes_taken_out == before.bytes);
  CHECK_FALSE(is_there(0));
  CHECK(is_there(9));
  // No body comes back to an event that has left.
  CHECK_FALSE(must_run(io, store.archive_body(sample_event_id(0), "late", 24h, soon())));
}

TEST_CASE_METHOD(ArchiveFixture, "each step is bounded, and the next one goes on") {
  commit_all(0, 2500, 10);
  int steps = 0;
  std::uint64_t taken = 0;
  for (ArchiveState state{true}; state.more; ++steps) {
    state = step({100, any, 72h});
    CHECK(state.taken_out <= 1000);
    taken += state.taken_out;
  }
  CHECK(taken == 2400);
  CHECK(steps >= 5);  // 2500 to measure, 2400 to take out, 1000 a step
  CHECK(listed() == 100);
}

TEST_CASE_METHOD(ArchiveFixture, "what has expired stops to count when its turn comes") {
  commit_all(0, 10);
  trim({any, any, 72h});
  for (int n = 0; n < 10; ++n) direct({"DEL", "sb1:{main}:ev:" + sample_event_id(n)});
  commit_all(10, 20);
  const ArchiveState state = trim({10, any, 72h});
  CHECK(state.taken_out == 0);
  CHECK(state.events == 10);
  CHECK(listed() == 10);
}

TEST_CASE_METHOD(ArchiveFixture, "namespaces of one Redis know nothing of each other") {
  RedisStore other{store, "other"};
  direct({"SET", "sb1:{other}:now", std::to_string(clock.time.time_since_epoch().count())});
  CHECK(commit(1) == CommitStatus::committed);
  CHECK(must_run(io, other.commit(sample_commit(1), soon())).status == CommitStatus::committed);
  CHECK(must_run(io, other.peek("box", 10, soon())).counts.ready == 1);
  commit_all(2, 12);
  CHECK(must_run(io, other.trim_archive({any, any, 72h}, soon())).events == 1);
  CHECK(trim({5, any, 72h}).events == 5);
  CHECK(must_run(io, other.event(sample_event_id(1), soon())).has_value());
}

}  // namespace
}  // namespace signalbox::testing
