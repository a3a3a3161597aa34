// The bounds of a store's calls: of each what is taken and what is refused, by Redis and by the
// fake alike.
#include <fmt/format.h>

#include <functional>

#include "store/request_bounds.hpp"
#include "tests/store/subjects.hpp"

namespace signalbox::testing {
namespace {

using namespace std::chrono_literals;
using Texts = std::vector<std::string>;

struct Bounded {
  explicit Bounded(bool real) : subject{make_subject(real)} {}

  template <class T>
  bool takes(Task<Result<T>> task) {
    const auto result = run(subject->io, std::move(task));
    if (result) return true;
    CHECK(result.error().reason == Reason::invalid_argument);
    return false;
  }
  Store& store() { return subject->store(); }
  bool takes_commit(const std::function<void(Commit&)>& change) {
    Commit commit = sample_commit(number++);
    commit.mailbox_max = 100'000;
    change(commit);
    return takes(store().commit(commit, soon()));
  }

  std::unique_ptr<Subject> subject;
  int number = 0;
};

TEST_CASE("a commit is taken up to each of its bounds, and refused beyond it") {
  Bounded stores{GENERATE(true, false)};
  struct Row {
    std::string_view name;
    std::function<void(Commit&, std::int64_t)> set;
    std::int64_t taken, refused;
  };
  const auto size = [](std::int64_t value) { return static_cast<std::size_t>(value); };
  const auto facts = [size](Commit& c, std::int64_t count) {
    c.seen.clear();
    for (std::size_t i = 0; i < size(count); ++i) {
      Seen seen{fmt::format("family{}", i), {}, 1h};
      seen.fingerprint.fill('x');
      c.seen.push_back(seen);
    }
  };
  const auto appends = [size](Commit& c, std::int64_t count) {
    c.appends.assign(size(count), Append{"crowded", "", "m_same", "{}"});
  };
  const Row rows[] = {
      {"record", [&](Commit& c, std::int64_t n) { c.record.json.assign(size(n), ' '); },
       record_json_bytes_max, record_json_bytes_max + 1},
      {"attempt", [&](Commit& c, std::int64_t n) { c.record.attempt.assign(size(n), 'a'); }, 16,
       15},
      {"attempt", [&](Commit& c, std::int64_t n) { c.record.attempt.assign(size(n), 'a'); }, 16,
       17},
      {"keep", [](Commit& c, std::int64_t n) { c.record.keep = Milliseconds{n}; }, 1, 0},
      {"received", [](Commit& c, std::int64_t n) { c.record.received = Time{Milliseconds{n}}; },
       1'000'000'000'000, 999'999'999'999},
      {"received", [](Commit& c, std::int64_t n) { c.record.received = Time{Milliseconds{n}}; },
       9'999'999'999'999, 10'000'000'000'000},
      {"window", [](Commit& c, std::int64_t n) { c.seen[1].window = Milliseconds{n}; }, 1, 0},
      {"window", [](Commit& c, std::int64_t n) { c.seen[1].window = Milliseconds{n}; },
       window_ms_max, window_ms_max + 1},
      {"facts", facts, 9, 10},
      {"alias",
       [&](Commit& c, std::int64_t n) {
         c.alias = {std::string(size(n), 'n'), "w_1"};
       },
       1'024, 1'025},
      {"message id", [&](Commit& c, std::int64_t n) { c.appends[0].id.assign(size(n), 'm'); }, 999,
       1'000},
      {"message id", [&](Commit& c, std::int64_t n) { c.appends[0].id.assign(size(n), 'n'); }, 1,
       0},
      {"messages", appends, appends_max, appends_max + 1},
  };
  for (const Row& row : rows) {
    INFO(row.name << " " << row.taken << " and " << row.refused);
    CHECK(stores.takes_commit([&](Commit& c) { row.set(c, row.taken); }));
    CHECK_FALSE(stores.takes_commit([&](Commit& c) { row.set(c, row.refused); }));
  }
  CHECK_FALSE(stores.takes_commit([](Commit& c) { c.record.event = "e_short"; }));
  CHECK_FALSE(stores.takes_commit([](Commit& c) { c.record.event = "e_zzzzzzzzzzzzzzzzz"; }));
  CHECK_FALSE(stores.takes_commit([](Commit& c) { c.seen[1].family = c.seen[0].family; }));
}

TEST_CASE("other calls are taken up to each of their bounds, and refused beyond it") {
  Bounded stores{GENERATE(true, false)};
  Store& store = stores.store();
  struct Row {
    std::string_view name;
    std::function<bool(std::uint32_t)> takes;
    std::uint32_t least, most;
  };
  const Row rows[] = {
      {"receive",
       [&](std::uint32_t n) {
         const ReceiveRequest request{"box", n, 0, 1min, 0};
         return stores.takes(store.receive(request, soon()));
       },
       1, 100},
      {"peek", [&](std::uint32_t n) { return stores.takes(store.peek("box", n, soon())); }, 1, 100},
      {"redrive",
       [&](std::uint32_t n) {
         const RedriveRequest request{"box", {}, n, 10};
         return stores.takes(store.redrive(request, soon()));
       },
       1, 1'000},
      {"redrive by name",
       [&](std::uint32_t n) {
         const RedriveRequest request{"box", Texts(n, "m_1"), 1, 10};
         return stores.takes(store.redrive(request, soon()));
       },
       0, 1'000},
      {"events",
       [&](std::uint32_t n) {
         EventQuery query;
         query.max = n;
         return stores.takes(store.events(query, soon()));
       },
       1, 100},
      {"acknowledge",
       [&](std::uint32_t n) {
         return stores.takes(store.acknowledge("box", Texts(n, "m_1.1"), soon()));
       },
       0, 1'000},
      {"give back",
       [&](std::uint32_t n) {
         return stores.takes(store.give_back("box", Texts(n, "m_1.1"), soon()));
       },
       0, 1'000},
      {"extend",
       [&](std::uint32_t n) {
         return stores.takes(store.extend("box", Texts(n, "m_1.1"), 1min, soon()));
       },
       0, 1'000},
      {"leased",
       [&](std::uint32_t n) {
         return stores.takes(store.leased("box", Texts(n, "m_1.1"), soon()));
       },
       0, 1'000},
  };
  for (const Row& row : rows) {
    INFO(row.name);
    CHECK(row.takes(row.least));
    CHECK(row.takes(row.most));
    CHECK_FALSE(row.takes(row.most + 1));
    if (row.least > 0) CHECK_FALSE(row.takes(row.least - 1));
  }
}

TEST_CASE("a lease, an extension and a body's time to live are at least a millisecond") {
  Bounded stores{GENERATE(true, false)};
  Store& store = stores.store();
  CHECK(stores.takes_commit([](Commit&) {}));
  for (const Milliseconds time : {0ms, 1ms}) {
    const ReceiveRequest request{"box", 1, 0, time, 0};
    CHECK(stores.takes(store.receive(request, soon())) == (time > 0ms));
    CHECK(stores.takes(store.extend("box", {"m_0.1"}, time, soon())) == (time > 0ms));
    CHECK(stores.takes(store.archive_body(sample_event_id(0), "x", time, soon())) == (time > 0ms));
  }
}

TEST_CASE("a budget is none, or at least what an answer with one truncated message takes") {
  Bounded stores{GENERATE(true, false)};
  for (const std::uint64_t bytes : {std::uint64_t{0}, answer_bytes_least, answer_bytes_least - 1}) {
    const ReceiveRequest request{"box", 1, bytes, 1min, 0};
    CHECK(stores.takes(stores.store().receive(request, soon())) ==
          (bytes != answer_bytes_least - 1));
  }
}

TEST_CASE("`since` includes its millisecond, and `before` does not") {
  Bounded stores{GENERATE(true, false)};
  const Time received = stores.subject->clock.now();
  CHECK(stores.takes_commit([&](Commit& c) { c.record.received = received; }));
  const auto found = [&](std::optional<Time> since, std::optional<Time> before) {
    EventQuery query;
    query.since = since;
    query.before = before;
    return must_run(stores.subject->io, stores.store().events(query, soon())).events.size();
  };
  CHECK(found(received, {}) == 1);
  CHECK(found(received + 1ms, {}) == 0);
  CHECK(found({}, received) == 0);
  CHECK(found({}, received + 1ms) == 1);
  CHECK(found(received, received + 1ms) == 1);
  CHECK(found(received, received) == 0);
}

TEST_CASE("a fact is remembered for its window at least, and to the millisecond for two at most") {
  Bounded stores{GENERATE(true, false)};
  const Milliseconds window = 1h;
  const auto is_new = [&](char fact) {
    Commit commit = sample_commit(stores.number++);
    commit.seen = {Seen{"digest:github", {}, window}};
    commit.seen[0].fingerprint.fill(fact);
    commit.record.received = stores.subject->clock.now();
    const CommitResult result = must_run(stores.subject->io, stores.store().commit(commit, soon()));
    return result.status == CommitStatus::committed;
  };
  CHECK(is_new('a'));
  stores.subject->pass(window - 1ms);
  CHECK(is_new('b'));  // with the first, which is forgotten two windows after it began
  stores.subject->pass(1ms);
  CHECK(is_new('c'));  // the first segment is closed now
  stores.subject->pass(window - 1ms);
  CHECK_FALSE(is_new('a'));
  CHECK_FALSE(is_new('b'));
  stores.subject->pass(1ms);
  CHECK(is_new('a'));
  CHECK(is_new('b'));
  CHECK_FALSE(is_new('c'));
  CHECK(stores.subject->unbounded() == "");
}

TEST_CASE("a mailbox takes messages up to mailbox_max") {
  Bounded stores{GENERATE(true, false)};
  const auto send = [&](int number) {
    Commit commit = sample_commit(number);
    commit.mailbox_max = 3;
    return must_run(stores.subject->io, stores.store().commit(commit, soon())).status;
  };
  for (int i = 0; i < 3; ++i) CHECK(send(i) == CommitStatus::committed);
  CHECK(send(3) == CommitStatus::mailbox_full);
  CHECK(stores.subject->unbounded() == "");
}

TEST_CASE("a commit brings all of its messages, however many they are") {
  Bounded stores{GENERATE(true, false)};
  const int count = GENERATE(0, 1, 255, 256, 257, 513);
  CHECK(stores.takes_commit([&](Commit& c) {
    c.appends.clear();
    for (int i = 0; i < count; ++i)
      c.appends.push_back(Append{"box", "", fmt::format("m_{}", i), "{}"});
  }));
  const Peeked peeked = must_run(stores.subject->io, stores.store().peek("box", 1, soon()));
  CHECK(peeked.counts.ready == static_cast<std::uint64_t>(count));
}

TEST_CASE("groups are told apart whether their names are as long as they may be, or longer") {
  Bounded stores{GENERATE(true, false)};
  const std::string longest(64, 'g');
  int n = 0;
  for (const std::string& group : {longest, longest + "g", longest, longest + "g"}) {
    const std::string id = fmt::format("m_{}", n++);
    CHECK(stores.takes_commit([&](Commit& c) { c.appends[0] = Append{"box", group, id, "{}"}; }));
  }
  const ReceiveRequest request{"box", 10, 0, 1min, 0};
  const Received received = must_run(stores.subject->io, stores.store().receive(request, soon()));
  REQUIRE(received.messages.size() == 2);
  CHECK(received.messages[0].receipt.starts_with("m_0."));
  CHECK(received.messages[1].receipt.starts_with("m_1."));
}

}  // namespace
}  // namespace signalbox::testing
