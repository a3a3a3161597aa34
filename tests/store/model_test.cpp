// The fake store against Redis: thousands of random steps, every answer compared. The seed is
// printed when they differ, and SIGNALBOX_SEED repeats it.
#include <fmt/format.h>

#include <cstdlib>
#include <random>
#include <sstream>

#include "tests/store/key_bounds.hpp"
#include "tests/store/store_fixture.hpp"

namespace signalbox::testing {
namespace {

using namespace std::chrono_literals;

constexpr int rounds = 40;
constexpr int steps_per_round = 150;
constexpr std::string_view refusal_mark = "refused: ";
constexpr std::uint64_t dead_max = 5;
constexpr std::size_t most_messages = 15;  // of a mailbox
constexpr std::size_t messages_at_once = 3;

std::string text_of(const CommitResult& result) {
  return fmt::format("{} first={} {} {} full={}", static_cast<int>(result.status),
                     result.first_event, to_string(result.first_outcome), result.first_record,
                     result.full_mailbox);
}

std::string text_of(const Received& received) {
  std::string text = fmt::format("remaining={}", received.remaining);
  for (const LeasedMessage& message : received.messages) {
    text += fmt::format(" [{} {} {} {}]", message.receipt, message.deliveries, message.json,
                        message.truncated ? "truncated" : "whole");
  }
  for (const auto* left : {&received.left_by_kind, &received.left_by_work}) {
    for (const Tally& tally : *left) text += fmt::format(" {}:{}", tally.name, tally.count);
  }
  return text;
}

std::string text_of(const std::vector<bool>& flags) {
  std::string text = "flags=";
  for (bool flag : flags) text += flag ? '1' : '0';
  return text;
}

std::string text_of(const Extended& extended) {
  return fmt::format("{} control={}", text_of(extended.held), fmt::join(extended.controls, ","));
}

std::string text_of(const Redriven& redriven) {
  return fmt::format("{} left={} full={}", fmt::join(redriven.moved, ","), redriven.remaining,
                     redriven.full);
}

std::string text_of(const Peeked& peeked) {
  std::string text = fmt::format("{} {} {} {}", peeked.counts.ready, peeked.counts.leased,
                                 peeked.counts.waiting, peeked.counts.dead);
  for (const PeekedMessage& message : peeked.messages) {
    const Time until = message.leased_until.value_or(Time{});
    text += fmt::format(" [{} {} {} {} {}]", static_cast<int>(message.state), message.deliveries,
                        message.json, until.time_since_epoch().count(), message.holder);
  }
  return text;
}

std::string text_of(const std::optional<StoredEvent>& event) {
  if (!event) return "none";
  return fmt::format("{} {} {}", to_string(event->outcome), event->record,
                     event->body.value_or("-"));
}

std::string text_of(const std::optional<std::string>& text) { return text.value_or("(none)"); }

std::string text_of(const std::vector<StoredEvent>& events) {
  std::string text;
  for (const StoredEvent& event : events) text += text_of(std::optional{event}) + "; ";
  return text;
}

// Random steps over few names, so that they meet.
class Script {
 public:
  explicit Script(std::uint64_t seed) : random_{seed} {}

  std::size_t upto(std::size_t count) { return random_() % count; }
  bool chance(std::size_t one_in) { return upto(one_in) == 0; }

  std::string mailbox() { return fmt::format("box{}", upto(2)); }
  std::string alias() { return fmt::format("github:acme/api#{}", upto(4)); }
  std::string sender() { return fmt::format("agent:a{}", upto(2)); }
  std::string any_mailbox() { return (chance(6) ? "dead:" : "") + mailbox(); }

  Commit commit(Time now) {
    const auto event = upto(30);
    Commit commit = sample_commit(static_cast<int>(event));
    commit.appends.clear();
    commit.mailbox_max = 4 + upto(most_messages - 3);
    if (chance(3)) commit.mailbox_bytes_max = 200 + upto(3000);
    if (chance(4)) commit.quota = {sender(), 1 + upto(4), 200 + upto(1500)};
    commit.record.attempt =
        attempt_mark(static_cast<int>(chance(8) ? upto(20) : 1000 + attempt_++));
    commit.record.listed = !chance(10);
    commit.record.received = now;
    commit.record.json = record_json(commit.record.event, event);
    commit.seen[1].fingerprint[3] = static_cast<char>(upto(4));
    if (chance(3)) commit.seen[1].fingerprint.fill(static_cast<char>(upto(6)));
    commit.seen[0].window = Milliseconds{1h * (1 + upto(3))};
    if (chance(3)) commit.seen[0].window = 200h;  // longer than the record is kept
    commit.seen[1].window = Milliseconds{1min * (1 + upto(90))};
    commit.record.name_tag = static_cast<std::uint16_t>(chance(4) ? 0 : 0x0a00 + upto(2));
    if (chance(3)) commit.seen[1].guard = Milliseconds{1min * upto(20)};
    if (chance(8)) commit.seen.erase(commit.seen.begin());
    if (chance(8)) commit.seen.pop_back();
    if (chance(3)) commit.record.body.clear();
    if (chance(2)) commit.alias = {alias(), fmt::format("w_{}", upto(3))};
    const std::size_t messages = upto(messages_at_once + 1);
    constexpr std::string_view kinds[] = {"note", "assign", "event"};
    for (std::size_t i = 0; i < messages; ++i) {
      const std::string id = fmt::format("m_{}", upto(40));
      std::string group = chance(2) ? std::string{} : fmt::format("w_{}", upto(3));
      if (chance(5)) group = fmt::format("control:w_{}:{}", upto(3), id);
      // Agents send under a quota, and nobody else in their name.
      const std::string from = commit.quota.sender.empty() ? "rule:r" : commit.quota.sender;
      commit.appends.push_back(Append{
          mailbox(), group, id,
          fmt::format(R"({{"type":"dev.signalbox.{}","from":{},"i":{},"sender":"{}","x":"{}"}})",
                      kinds[upto(3)], event, i, from, std::string(upto(4) * upto(150), 'x'))});
    }
    if (messages == 0) {
      const Outcome outcomes[] = {Outcome::no_match, Outcome::partly_dropped, Outcome::dropped,
                                  Outcome::accepted};
      commit.record.outcome = outcomes[upto(4)];
    }
    return commit;
  }

  RedriveRequest redrive() {
    RedriveRequest request{
        mailbox(), {}, static_cast<std::uint32_t>(1 + upto(6)), 4 + upto(most_messages - 3)};
    if (chance(3)) request.mailbox_bytes_max = 200 + upto(3000);
    if (chance(2)) {
      for (std::size_t i = 0; i < 8; ++i) request.ids.push_back(fmt::format("m_{}", upto(40)));
    }
    return request;
  }

  EventQuery query(Time now) {
    EventQuery query;
    query.max = 7;
    if (chance(4)) query.source = fmt::format("s{}", upto(3));
    if (chance(4)) {
      constexpr std::string_view types[] = {"github",       "github.a", "github.*", "github.a.x",
                                            "github.*.*b*", "linear",   "*.a"};
      query.type = types[upto(7)];
    }
    if (chance(4)) query.outcome = Outcome::accepted;
    if (chance(4)) query.rule = fmt::format("r{}", upto(3));
    if (chance(4)) query.work = fmt::format("{}:w{}", chance(2) ? "k" : "n", upto(3));
    if (chance(4)) query.since = now - Milliseconds{upto(7'200'000)};
    if (chance(4)) query.before = now - Milliseconds{upto(3'600'000)};
    return query;
  }

  // As coordination/record.cpp writes it, with what a query looks at.
  std::string record_json(const std::string& id, std::size_t event) {
    constexpr std::string_view types[] = {"github.a.x", "github.a", "github.ab.xby", "linear.a"};
    std::string work;
    if (event % 3 > 0) {
      work = fmt::format(
          R"(,"work":{{"id":"w_{0}","canonical":"k:w{0}","readable":"n:w{1}","aliases":["n:w{2}"]}})",
          event % 4, event % 2, event % 3);
    }
    return fmt::format(
        R"({{"id":"{}","source":"s{}","connector":"github","type":"{}","delivery":"\"rules\":[\"r0\"]","rules":["r{}","r{}"],"n":"n:w2"{}}})",
        id, event % 2, types[event % 4], event % 3, event % 5, work);
  }

  ReceiveRequest receive() {
    return ReceiveRequest{any_mailbox(),
                          static_cast<std::uint32_t>(1 + upto(5)),
                          chance(2) ? answer_bytes_least + upto(800) : 0,
                          Milliseconds{1s * (1 + upto(60))},
                          static_cast<std::uint32_t>(upto(4)),
                          fmt::format("agent:a{}", upto(3)),
                          fmt::format("r{}", ++leases_)};
  }

 private:
  std::mt19937_64 random_;
  std::size_t attempt_ = 0;
  std::size_t leases_ = 0;
};

struct Pair {
  boost::asio::io_context io;
  TestClock clock;
  EmbeddedRedis& redis = shared_redis();
  Direct direct{redis.endpoint()};
  RedisStore real{io, RedisStoreOptions{redis.endpoint(), "sb1", test_time_script, dead_max}};
  FakeStore fake{clock, dead_max};
  const Time began = clock.time;
  std::map<std::string, std::vector<std::string>> receipts;  // by mailbox

  Pair() { set_time(); }
  void set_time() {
    direct({"SET", "sb1:{main}:now", std::to_string(clock.time.time_since_epoch().count())});
  }

  std::string unbounded() {
    const KeyBounds bounds{168h, 200h, clock.time - began, most_messages + messages_at_once,
                           dead_max};
    return unbounded_keys(direct, bounds);
  }

  // Asks both and compares; the answer of the real one.
  template <class Ask>
  auto both(const std::string& step, Ask ask) {
    auto one = run(io, ask(static_cast<Store&>(real)));
    auto other = run(io, ask(static_cast<Store&>(fake)));
    const auto text = [](const auto& result) {
      return result ? text_of(*result)
                    : std::string{refusal_mark}.append(describe(result.error().reason).name);
    };
    INFO(step << (one ? "" : ": " + one.error().detail));
    REQUIRE(text(one) == text(other));
    REQUIRE(one.has_value());
    return std::move(*one);
  }

  std::vector<std::string> some_receipts(Script& script, const std::string& mailbox) {
    std::vector<std::string> chosen;
    const auto& known = receipts[mailbox];
    for (std::size_t i = script.upto(3) + 1; i > 0 && !known.empty(); --i) {
      // Mostly young ones: the old are spent.
      const std::size_t back = std::min(known.size(), std::size_t{8});
      chosen.push_back(
          known[known.size() - 1 - script.upto(script.chance(5) ? known.size() : back)]);
    }
    if (script.chance(10)) chosen.emplace_back("m_1.0");
    if (script.chance(10)) chosen.emplace_back("nonsense");
    return chosen;
  }
};

void step_mailbox(Pair& pair, Script& script) {
  const std::string mailbox = script.any_mailbox();
  const auto receipts = pair.some_receipts(script, mailbox);
  switch (script.upto(5)) {
    case 4: {
      const std::vector<std::string> ids{fmt::format("m_{}", script.upto(40)),
                                         fmt::format("m_{}", script.upto(40))};
      pair.both("take back " + mailbox,
                [&](Store& s) { return s.take_back(mailbox, ids, soon()); });
      break;
    }
    case 3:
      pair.both("leased " + mailbox, [&](Store& s) { return s.leased(mailbox, receipts, soon()); });
      break;
    case 0:
      pair.both("ack " + mailbox,
                [&](Store& s) { return s.acknowledge(mailbox, receipts, soon()); });
      break;
    case 1:
      pair.both("nack " + mailbox,
                [&](Store& s) { return s.give_back(mailbox, receipts, soon()); });
      break;
    default:
      pair.both("extend " + mailbox,
                [&](Store& s) { return s.extend(mailbox, receipts, 30s, soon()); });
  }
}

void step_events(Pair& pair, Script& script) {
  const std::string id = sample_event_id(static_cast<int>(script.upto(30)));
  if (script.chance(3)) {
    pair.both("archive " + id, [&](Store& s) -> Task<Result<std::vector<bool>>> {
      const auto done = co_await s.archive_body(id, "late", 24h, soon());
      if (!done) co_return done.error();
      co_return std::vector<bool>{*done};
    });
  }
  pair.both("event " + id, [&](Store& s) { return s.event(id, soon()); });
  // Cursors are each store's own, so each walks by its own to the end.
  const EventQuery query = script.query(pair.clock.time);
  pair.both("events", [&query](Store& s) -> Task<Result<std::vector<StoredEvent>>> {
    std::vector<StoredEvent> all;
    EventQuery next = query;
    do {
      const auto page = co_await s.events(next, soon());
      if (!page) co_return page.error();
      all.insert(all.end(), page->events.begin(), page->events.end());
      next.cursor = page->next;
    } while (!next.cursor.empty());
    co_return all;
  });
}

void step(Pair& pair, Script& script) {
  const std::size_t kind = script.upto(20);
  if (kind < 7) {
    const Commit commit = script.commit(pair.clock.time);
    pair.both("commit " + commit.record.event, [&](Store& s) { return s.commit(commit, soon()); });
  } else if (kind < 11) {
    const ReceiveRequest request = script.receive();
    const Received received = pair.both("receive " + request.mailbox,
                                        [&](Store& s) { return s.receive(request, soon()); });
    for (const auto& message : received.messages)
      pair.receipts[request.mailbox].push_back(message.receipt);
  } else if (kind < 15) {
    step_mailbox(pair, script);
  } else if (kind < 16) {
    const RedriveRequest request = script.redrive();
    pair.both("redrive " + request.mailbox, [&](Store& s) { return s.redrive(request, soon()); });
  } else if (kind < 17) {
    const std::string mailbox = script.any_mailbox();
    const auto max = static_cast<std::uint32_t>(1 + script.upto(20));
    pair.both("peek " + mailbox, [&](Store& s) { return s.peek(mailbox, max, soon()); });
    const std::string id = fmt::format("m_{}", script.upto(40));
    pair.both("message " + id, [&](Store& s) { return s.message(mailbox, id, soon()); });
  } else if (kind < 18) {
    step_events(pair, script);
    const std::string alias = script.alias();
    pair.both("find_work " + alias, [&](Store& s) { return s.find_work(alias, soon()); });
  } else {
    pair.clock.time +=
        script.chance(6) ? Milliseconds{script.upto(5'400'000)} : Milliseconds{script.upto(40'000)};
    pair.set_time();
  }
}

TEST_CASE("the fake store answers as Redis does, whatever is asked in whatever order") {
  const char* given = std::getenv("SIGNALBOX_SEED");
  const std::uint64_t first = given != nullptr ? std::stoull(given) : std::random_device{}();
  for (std::uint64_t seed = first; seed < first + (given != nullptr ? 1 : rounds); ++seed) {
    Pair pair;
    Script script{seed};
    for (int i = 0; i < steps_per_round; ++i) {
      INFO("SIGNALBOX_SEED=" << seed << " step " << i);
      step(pair, script);
      REQUIRE(pair.unbounded() == "");
    }
  }
}

}  // namespace
}  // namespace signalbox::testing
