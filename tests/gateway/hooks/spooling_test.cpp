// The spool's way back into the store: order, what is set aside, and how long it waits.
#include "gateway/hooks/spooling.hpp"

#include <catch2/catch.hpp>

#include "store/spool/spooled_commit.hpp"
#include "tests/gateway/worker_fixture.hpp"

namespace signalbox {
namespace {

using namespace std::chrono_literals;
using test::delivery;
using test::pull_request_body;
using test::WorkerFixture;

// A fixture whose store was away for some pull requests, each of its own body.
class Spooled {
 public:
  explicit Spooled(int count, std::string_view more = {}) : fixture{more} {
    fixture.compose(true);
    fixture.weather.away = true;
    for (int i = 0; i < count; ++i) {
      const std::string number = std::to_string(i);
      const auto ack = fixture.ingest_only(
          delivery("github.pull_request.opened", number, pull_request_body("title " + number)));
      events.push_back(ack ? ack->event : std::string{});
    }
    fixture.weather = {};
  }

  Milliseconds step() {
    SpoolReplayer replayer{fixture.worker->io,
                           [this](const std::string& space) { return fixture.open_store(space); },
                           fixture.spool};
    return fixture.run(replayer.step());
  }
  bool is_stored(int i) {
    const auto event = fixture.run(fixture.store().event(events[static_cast<std::size_t>(i)], {}));
    return event && event->has_value();
  }

  WorkerFixture fixture;
  std::vector<std::string> events;
};

}  // namespace

TEST_CASE("what was spooled is stored oldest first, without a pause", "[spooling]") {
  Spooled spooled{2};
  CHECK(spooled.step() == 0ms);
  CHECK(spooled.is_stored(0));
  CHECK_FALSE(spooled.is_stored(1));
  CHECK(spooled.step() == 0ms);
  CHECK(spooled.is_stored(1));
  CHECK(spooled.fixture.spool.entries.empty());
  CHECK(spooled.step() == SpoolReplayer::idle_pause);
}

TEST_CASE("an entry that is stored already adds nothing and leaves the spool", "[spooling]") {
  Spooled spooled{1};
  spooled.fixture.spool.entries.push_back(spooled.fixture.spool.entries.front());
  CHECK(spooled.step() == 0ms);
  CHECK(spooled.step() == 0ms);
  CHECK(spooled.fixture.spool.entries.empty());
  CHECK(spooled.fixture.counts("reviewer").ready == 1);
}

TEST_CASE("while the store stumbles an entry waits where it is", "[spooling]") {
  for (const Reason reason :
       {Reason::store_unavailable, Reason::store_refused, Reason::overloaded}) {
    Spooled spooled{2};
    spooled.fixture.weather.failure = Error{reason, "not now"};
    spooled.fixture.weather.away = reason == Reason::store_refused;
    const Deadline before = std::chrono::steady_clock::now();
    CHECK(spooled.step() == SpoolReplayer::trouble_pause);
    CHECK(spooled.fixture.spool.entries.size() == 2);
    CHECK(spooled.fixture.spool.aside.empty());
    REQUIRE(spooled.fixture.weather.deadlines.size() == 1);
    CHECK(spooled.fixture.weather.deadlines[0] >= before + 10s);
    CHECK(spooled.fixture.weather.deadlines[0] <= std::chrono::steady_clock::now() + 10s);
    spooled.fixture.weather.failure.reset();
    CHECK(spooled.step() == 0ms);
    CHECK(spooled.is_stored(0));
  }
}

TEST_CASE("an entry whose mailbox is full lets those behind it pass", "[spooling]") {
  Spooled spooled{2, "mailboxes: {max_messages: 1}\n"};
  CHECK(spooled.step() == 0ms);
  const std::string waiting = spooled.fixture.spool.entries.front();
  spooled.fixture.spool.entries.push_back("behind");
  CHECK(spooled.step() == SpoolReplayer::trouble_pause);
  CHECK(spooled.fixture.spool.entries == std::deque<std::string>{"behind", waiting});
  CHECK(spooled.fixture.spool.aside.empty());
}

TEST_CASE("an entry that the store refuses, and no other, lets those behind it pass",
          "[spooling]") {
  Spooled spooled{1};
  const std::string failing = spooled.fixture.spool.entries.front();
  spooled.fixture.spool.entries.push_back("behind");
  spooled.fixture.weather.failure = Error{Reason::store_refused, "nobody knows"};
  CHECK(spooled.step() == SpoolReplayer::trouble_pause);
  CHECK(spooled.fixture.spool.entries == std::deque<std::string>{"behind", failing});
  CHECK(spooled.fixture.spool.aside.empty());
}

TEST_CASE("an entry that finds no room at the end of the spool stays where it is", "[spooling]") {
  Spooled spooled{2, "mailboxes: {max_messages: 1}\n"};
  CHECK(spooled.step() == 0ms);
  const auto before = spooled.fixture.spool.entries;
  spooled.fixture.spool.full = true;
  CHECK(spooled.step() == SpoolReplayer::trouble_pause);
  CHECK(spooled.fixture.spool.entries == before);
}

TEST_CASE("what can never be stored is set aside, and the next entry follows", "[spooling]") {
  Spooled spooled{1};
  spooled.fixture.spool.entries.push_front("no commit at all");
  CHECK(spooled.step() == 0ms);
  CHECK(spooled.fixture.spool.aside == std::vector<std::string>{"no commit at all"});
  const std::string entry = spooled.fixture.spool.entries.front();
  spooled.fixture.weather.failure = Error{Reason::invalid_argument, "out of its bounds"};
  CHECK(spooled.step() == 0ms);
  CHECK(spooled.fixture.spool.aside.back() == entry);
  CHECK(spooled.fixture.spool.entries.empty());
}

TEST_CASE("only what time may mend goes to the spool", "[spooling]") {
  for (const ReasonRow& row : all_reasons()) {
    CAPTURE(row.name);
    const bool expected =
        row.reason == Reason::store_unavailable || row.reason == Reason::store_refused;
    CHECK(is_for_spool(Error{row.reason, {}}) == expected);
  }
}

}  // namespace signalbox
