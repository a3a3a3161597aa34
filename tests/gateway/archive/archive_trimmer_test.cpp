// Keeping the archive within its bounds: which namespaces, how far, and what is counted.
#include "gateway/archive/archive_trimmer.hpp"

#include <boost/asio/co_spawn.hpp>
#include <catch2/catch.hpp>

#include <vector>

namespace signalbox {
namespace {

using namespace std::chrono_literals;

std::shared_ptr<Config> config_of() {
  auto config = std::make_shared<Config>();
  config->max_events = 500;
  config->max_event_bytes = 6'000;
  config->sources.resize(2);
  config->sources[0].deduplicate_id = 2h;
  config->sources[1].deduplicate_id = 1h;
  config->sources[1].space = "blue";
  return config;
}

ArchiveState state_of(bool more, std::uint64_t events) {
  ArchiveState state;
  state.more = more;
  state.events = events;
  state.bytes = 10 * events;
  state.taken_out = 1;
  state.bytes_taken_out = 7;
  return state;
}

// A trimmer over prepared answers, the first step's first.
class Trimmed {
 public:
  std::vector<Result<ArchiveState>> answers;
  std::vector<std::string> asked;
  ArchiveBounds bounds;
  std::vector<Deadline> deadlines;
  boost::asio::io_context io;
  ArchiveTrimmer trimmer{io,
                         [this](const std::string& space, ArchiveBounds given, Deadline deadline) {
                           deadlines.push_back(deadline);
                           return step(space, given);
                         },
                         [] { return config_of(); }};

  // False where it does not end within some seconds.
  bool round() {
    bool done = false;
    boost::asio::co_spawn(io, trimmer.round(), [&done](const std::exception_ptr&) { done = true; });
    io.restart();
    io.run_for(5s);
    return done;
  }

 private:
  Task<Result<ArchiveState>> step(std::string space, ArchiveBounds given) {
    asked.push_back(std::move(space));
    bounds = given;
    const Result<ArchiveState> answer = answers.front();
    answers.erase(answers.begin());
    co_return answer;
  }
};

}  // namespace

TEST_CASE("a step of a round has five seconds", "[archive]") {
  Trimmed trimmed;
  trimmed.answers = {state_of(false, 8), state_of(false, 5)};
  const auto before = std::chrono::steady_clock::now();
  REQUIRE(trimmed.round());
  const auto after = std::chrono::steady_clock::now();
  REQUIRE(trimmed.deadlines.size() == 2);
  CHECK(trimmed.deadlines.front() >= before + 5s);
  CHECK(trimmed.deadlines.back() <= after + 5s);
}

TEST_CASE("a round trims each namespace until nothing more is to do", "[archive]") {
  Trimmed trimmed;
  trimmed.answers = {state_of(true, 9), state_of(false, 8), state_of(false, 5)};
  REQUIRE(trimmed.round());
  CHECK(trimmed.asked == std::vector<std::string>{"blue", "blue", "main"});
  CHECK(trimmed.trimmer.events() == 13);
  CHECK(trimmed.trimmer.bytes() == 130);
  CHECK(trimmed.trimmer.taken_out() == 3);
  CHECK(trimmed.trimmer.bytes_taken_out() == 21);
  CHECK(trimmed.bounds.events == 500);
  CHECK(trimmed.bounds.bytes == 6'000);
  CHECK(trimmed.bounds.remember_id == 2h);  // the longest window of all sources
}

TEST_CASE("where the store does not answer the numbers stay those of the round before",
          "[archive]") {
  Trimmed trimmed;
  trimmed.answers = {state_of(false, 8), state_of(false, 5)};
  REQUIRE(trimmed.round());
  trimmed.answers = {state_of(false, 100), Error{Reason::store_unavailable, "away"}};
  REQUIRE(trimmed.round());
  CHECK(trimmed.trimmer.events() == 13);
  CHECK(trimmed.trimmer.taken_out() == 3);
}

}  // namespace signalbox
