// The watch over mailboxes, by itself on a store that is told what to answer.
#include "gateway/monitoring/mailbox_watch.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <catch2/catch.hpp>

#include <map>

namespace signalbox {
namespace {

// Answers what a mailbox is said to hold, and notes whose was asked about.
struct Shelf {
  Task<Result<Peeked>> peek(const AgentConfig& agent, Deadline) {
    asked.push_back(agent.name);
    if (away) co_return Error{Reason::store_unavailable, "away"};
    co_return holds[agent.name];
  }
  std::map<std::string, Peeked> holds;
  std::vector<std::string> asked;
  bool away = false;
};

struct Watched {
  boost::asio::io_context io;
  Shelf store;
  std::shared_ptr<Config> config = std::make_shared<Config>();
  MailboxWatch watch{
      io,
      [this](const AgentConfig& agent, Deadline deadline) { return store.peek(agent, deadline); },
      [this] { return config; }};

  void add(const std::string& agent) {
    config->agents.emplace_back();
    config->agents.back().name = agent;
  }
  void round() {
    store.asked.clear();
    boost::asio::co_spawn(io, watch.look(), boost::asio::detached);
    io.run();
    io.restart();
  }
};

}  // namespace

TEST_CASE("depth and oldest message of each agent are known after a round") {
  Watched watched;
  watched.add("coder");
  watched.add("reviewer");
  Peeked peeked;
  peeked.counts = {3, 2, 1, 4};
  peeked.messages.push_back({MessageState::leased, 1, R"({"time":"2026-11-22T10:00:00Z"})"});
  watched.store.holds["reviewer"] = peeked;
  watched.round();
  const auto states = watched.watch.states();
  REQUIRE(states.size() == 2);
  CHECK(states[0].agent == "coder");
  CHECK_FALSE(states[0].oldest);
  CHECK(states[1].counts.dead == 4);
  REQUIRE(states[1].oldest);
  CHECK(format_time(*states[1].oldest).starts_with("2026-11-22T10:00:00"));
}

TEST_CASE("many agents take turns: a round asks a bounded number and none is left out") {
  Watched watched;
  const std::size_t count = MailboxWatch::looks_max * 2 + 7;
  for (std::size_t i = 0; i < count; ++i) watched.add("agent" + std::to_string(i));
  for (int i = 0; i < 3; ++i) {
    watched.round();
    CHECK(watched.store.asked.size() == MailboxWatch::looks_max);
  }
  CHECK(watched.watch.states().size() == count);
}

TEST_CASE("a round asks about 100 agents at most") {
  const auto asked = [](std::size_t agents) {
    Watched watched;
    for (std::size_t i = 0; i < agents; ++i) watched.add("agent" + std::to_string(i));
    watched.round();
    return watched.store.asked.size();
  };
  CHECK(asked(0) == 0);
  CHECK(asked(99) == 99);
  CHECK(asked(100) == 100);
  CHECK(asked(101) == 100);
}

TEST_CASE("what was known is forgotten when the store goes away or the agent leaves") {
  Watched watched;
  watched.add("coder");
  watched.add("reviewer");
  watched.round();
  REQUIRE(watched.watch.states().size() == 2);
  watched.config->agents.pop_back();
  watched.round();
  CHECK(watched.watch.states().size() == 1);
  watched.store.away = true;
  watched.round();
  CHECK(watched.watch.states().empty());
  CHECK(watched.store.asked.size() == 1);
}

}  // namespace signalbox
