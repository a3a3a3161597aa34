// What a link to Redis decides, without a socket or a timer: states, events, time-outs and the
// growth of its pauses.
#include "store/redis/link_machine.hpp"

#include <fmt/format.h>

#include <catch2/catch.hpp>

namespace signalbox::testing {
namespace {

using namespace std::chrono_literals;
using State = LinkMachine::State;
using Next = LinkMachine::Next;
using Actions = LinkMachine::Actions;

constexpr std::size_t answers = 2;

Reply reply(Reply::Kind kind, const std::string& text) {
  Reply made;
  made.kind = kind;
  made.text = text;
  return made;
}

const Reply good = reply(Reply::Kind::status, "OK");

// "close lost(2, why) write pause": what is to be done, in its order.
std::string text_of(const Actions& actions) {
  constexpr std::string_view names[] = {"open", "greet", "read", "announce", "pause", "end"};
  std::string text;
  if (actions.close) text += "close ";
  if (actions.lost) text += fmt::format("lost({}, {}) ", actions.lost->unsent, actions.lost->why);
  if (actions.write) text += "write ";
  if (actions.next) text += names[static_cast<std::size_t>(*actions.next)];
  while (text.ends_with(' ')) text.pop_back();
  return text;
}

// In a state, as it is reached.
struct Machine : LinkMachine {
  explicit Machine(State wanted = State::resting) : LinkMachine{"redis:6379", answers} {
    if (wanted == State::resting) return;
    if (wanted == State::stopped) {
      stop();
      return;
    }
    begin();
    if (wanted == State::opening) return;
    opened({});
    if (wanted == State::greeting) return;
    greeted({});
    greeting_answered(good);
    greeting_answered(good);
    if (wanted == State::broken) reset("was reset");
  }
};

std::string begin_in(State state) { return text_of(Machine{state}.begin()); }

TEST_CASE("a link opens, greets, and is connected once all of its greeting is answered") {
  Machine machine;
  CHECK(text_of(machine.begin()) == "open");
  CHECK(machine.state() == State::opening);
  CHECK(text_of(machine.opened({})) == "greet");
  CHECK(machine.state() == State::greeting);
  CHECK(text_of(machine.greeted({})) == "read");
  CHECK(text_of(machine.greeting_answered(good)) == "read");
  CHECK_FALSE(machine.connected());
  CHECK(text_of(machine.greeting_answered(good)) == "announce");
  CHECK(machine.connected());
}

TEST_CASE("whatever goes wrong before it is connected is told once, with the first reason") {
  struct Row {
    State state;
    Actions (*event)(LinkMachine&);
    std::string_view expected;
  };
  const Row rows[] = {
      {State::opening, [](LinkMachine& m) { return m.opened("refused"); },
       "close lost(0, refused) pause"},
      {State::opening, [](LinkMachine& m) { return m.ended("cut"); }, "close lost(0, cut) pause"},
      {State::greeting, [](LinkMachine& m) { return m.greeted("broken pipe"); },
       "close lost(0, broken pipe) pause"},
      {State::greeting, [](LinkMachine& m) { return m.ended("reset by peer"); },
       "close lost(0, reset by peer) pause"},
      {State::greeting,
       [](LinkMachine& m) {
         return m.greeting_answered(reply(Reply::Kind::error, "LOADING data"));
       },
       "close lost(0, redis:6379: Redis answered a greeting with: LOADING data) pause"},
      {State::greeting,
       [](LinkMachine& m) { return m.greeting_answered(reply(Reply::Kind::string, "hello")); },
       "close lost(0, redis:6379: Redis answered a greeting with: hello) pause"},
  };
  for (const Row& row : rows) {
    INFO(row.expected);
    Machine machine{row.state};
    const std::uint64_t epoch = machine.epoch();
    CHECK(text_of(row.event(machine)) == row.expected);
    CHECK(machine.state() == State::resting);
    CHECK(machine.epoch() > epoch);
    CHECK(text_of(machine.begin()) == "open");
  }
}

TEST_CASE("an error of a greeting is told in a hundred characters at most") {
  Machine machine{State::greeting};
  const Actions actions =
      machine.greeting_answered(reply(Reply::Kind::error, std::string(150, 'e')));
  REQUIRE(actions.lost);
  CHECK(actions.lost->why.ends_with(": " + std::string(100, 'e')));
}

TEST_CASE("a greeting of which not all is answered in time is given up, at each of its steps") {
  const std::string_view told =
      "close lost(0, redis:6379: no answer to a new connection in time) pause";
  {
    Machine machine{State::opening};
    CHECK(text_of(machine.timed_out(machine.epoch())) == "close");
    CHECK(text_of(machine.opened("cancelled")) == told);
  }
  {
    Machine machine{State::opening};  // it was open in that moment
    machine.timed_out(machine.epoch());
    CHECK(text_of(machine.opened({})) == told);
  }
  {
    Machine machine{State::greeting};
    CHECK(text_of(machine.timed_out(machine.epoch())) == "close");
    CHECK(text_of(machine.greeted({})) == told);
  }
  {
    Machine machine{State::greeting};
    machine.timed_out(machine.epoch());
    CHECK(text_of(machine.received()) == told);
  }
  {
    Machine machine{State::greeting};
    machine.timed_out(machine.epoch());
    CHECK(text_of(machine.ended("cancelled")) == told);
  }
}

TEST_CASE("a time-out that comes too late means nothing") {
  Machine machine{State::opening};
  const std::uint64_t epoch = machine.epoch();
  machine.opened({});
  machine.greeted({});
  machine.greeting_answered(good);
  machine.greeting_answered(good);
  CHECK(text_of(machine.timed_out(epoch)).empty());
  CHECK(text_of(machine.timed_out(machine.epoch())).empty());
  CHECK(machine.connected());
  machine.ended("gone");
  machine.begin();
  CHECK(text_of(machine.timed_out(epoch)).empty());
  CHECK(machine.state() == State::opening);
}

TEST_CASE("a connection that had to be dropped was of no use, whatever it answered") {
  Machine machine{State::connected};
  machine.replied();
  machine.reset("a replica");
  machine.ended({});
  CHECK(machine.pause(0) == LinkMachine::backoff_first / 2);
  for (int i = 0; i < 9; ++i) {
    machine.begin();
    machine.opened({});
    machine.greeted({});
    machine.greeting_answered(good);
    machine.greeting_answered(good);
    machine.replied();
    machine.reset("a replica");
    machine.ended({});
    machine.pause(0);
  }
  machine.begin();
  CHECK(text_of(machine.opened("refused")).ends_with("pause"));
  CHECK(machine.pause(0) == LinkMachine::backoff_max / 2);
}

TEST_CASE("what was appended is unsent until it is given to the socket") {
  Machine machine{State::connected};
  CHECK(machine.unsent() == 0);
  machine.appended();
  machine.appended();
  CHECK(machine.unsent() == 2);
  machine.flush();
  CHECK(machine.unsent() == 0);
  machine.appended();
  CHECK(machine.unsent() == 1);
  machine.reset("lost");
  CHECK(machine.unsent() == 0);
}

TEST_CASE("reset drops a connection, and means nothing where there is none") {
  for (const State state :
       {State::resting, State::opening, State::greeting, State::broken, State::stopped}) {
    Machine machine{state};
    CHECK(text_of(machine.reset("why")).empty());
    CHECK(machine.state() == state);
  }
  Machine machine{State::connected};
  CHECK(text_of(machine.reset("why")) == "close lost(0, why)");
  CHECK(machine.state() == State::broken);
  CHECK(text_of(machine.ended("cancelled")) == "pause");  // it was told already
  CHECK(text_of(machine.begin()) == "open");
}

TEST_CASE("what comes is read as long as the connection is one, and means nothing afterwards") {
  struct Row {
    State state;
    std::string_view expected;
  };
  const Row rows[] = {{State::greeting, "read"},
                      {State::connected, "read"},
                      {State::broken, "pause"},
                      {State::stopped, "close end"}};
  for (const Row& row : rows) CHECK(text_of(Machine{row.state}.received()) == row.expected);
}

TEST_CASE("a connection that ends is told with the number of commands of which nothing was sent") {
  Machine machine{State::connected};
  CHECK(machine.appended());
  CHECK_FALSE(machine.appended());  // one flush is for both
  CHECK(text_of(machine.flush()) == "write");
  const std::uint64_t epoch = machine.epoch();
  for (int i = 0; i < 3; ++i) CHECK_FALSE(machine.appended());  // they leave behind that write
  CHECK(text_of(machine.ended("cut")) == "close lost(3, cut) pause");
  CHECK(text_of(machine.written(epoch, "cancelled")).empty());

  machine.begin();
  machine.opened({});
  machine.greeted({});
  machine.greeting_answered(good);
  machine.greeting_answered(good);
  CHECK(text_of(machine.reset("again")) == "close lost(0, again)");
}

TEST_CASE("what is appended during a write leaves with the next one") {
  Machine machine{State::connected};
  CHECK(text_of(machine.flush()).empty());  // there is nothing
  machine.appended();
  machine.flush();
  machine.appended();
  CHECK(text_of(machine.flush()).empty());
  CHECK(text_of(machine.written(machine.epoch(), {})) == "write");
  CHECK(text_of(machine.written(machine.epoch(), {})).empty());
  CHECK(machine.appended());
}

TEST_CASE("a write that fails ends its own connection only") {
  Machine machine{State::connected};
  machine.appended();
  machine.flush();
  machine.appended();
  CHECK(text_of(machine.written(machine.epoch(), "broken pipe")) == "close lost(1, broken pipe)");

  Machine other{State::connected};
  other.appended();
  other.flush();
  const std::uint64_t epoch = other.epoch();
  other.ended("cut");
  other.begin();
  other.opened({});
  other.greeted({});
  other.greeting_answered(good);
  other.greeting_answered(good);
  CHECK_FALSE(other.appended());  // the old write is under way still
  CHECK(text_of(other.written(epoch, "cancelled")) == "write");
  CHECK(other.connected());
}

TEST_CASE("a link that was stopped does nothing more, whatever comes") {
  CHECK(text_of(Machine{State::connected}.stop()) == "close");
  CHECK(begin_in(State::stopped) == "end");
  const auto stopped = [] { return Machine{State::stopped}; };
  CHECK(text_of(stopped().opened("x")) == "close end");
  CHECK(text_of(stopped().greeted({})) == "close end");
  CHECK(text_of(stopped().greeting_answered(good)) == "close end");
  CHECK(text_of(stopped().ended("x")) == "close end");
  CHECK(text_of(stopped().timed_out(0)).empty());
  CHECK(text_of(stopped().flush()).empty());
  Machine waiting{State::connected};
  waiting.appended();
  waiting.stop();
  CHECK(text_of(waiting.flush()).empty());  // what had gathered stays where it is
  Machine writing{State::connected};
  writing.appended();
  writing.flush();
  writing.stop();
  CHECK(text_of(writing.written(writing.epoch(), "cancelled")).empty());
}

// The shortest and the longest that may be drawn of the next pause.
struct Pauses {
  Milliseconds least, most;
};
Pauses next_pauses(Machine& machine) {
  Machine other = machine;
  Milliseconds most{0};
  for (std::uint32_t lot = 0; lot <= 1'000; ++lot) {
    Machine copy = machine;
    most = std::max(most, copy.pause(lot));
  }
  return {other.pause(0), most};
}

TEST_CASE("pauses double with each connection that was of no use, up to a second, half by lot") {
  Machine machine;
  Milliseconds whole = 10ms;
  for (int i = 0; i < 12; ++i) {
    machine.begin();
    machine.opened("refused");
    const Pauses pauses = next_pauses(machine);
    CHECK(pauses.least == whole / 2);
    CHECK(pauses.most == whole);
    machine.pause(0);
    whole = std::min<Milliseconds>(whole * 2, 1s);
  }
  CHECK(whole == 1s);
}

TEST_CASE(
    "a connection that gave a reply begins the pauses anew; one that was only greeted does not") {
  Machine machine;
  const auto connect_and_end = [&](bool with_reply) {
    machine.begin();
    machine.opened({});
    machine.greeted({});
    machine.greeting_answered(good);
    machine.greeting_answered(good);
    if (with_reply) machine.replied();
    machine.ended("cut");
    return machine.pause(0);
  };
  CHECK(connect_and_end(false) == 5ms);
  CHECK(connect_and_end(false) == 10ms);
  CHECK(connect_and_end(false) == 20ms);
  CHECK(connect_and_end(true) == 5ms);
  CHECK(connect_and_end(false) == 10ms);
}

}  // namespace
}  // namespace signalbox::testing
