// Receiving within a budget of bytes, from Redis and from the fake alike.
#include <fmt/format.h>

#include <map>

#include "tests/store/store_fixture.hpp"

namespace signalbox::testing {
namespace {

using namespace std::chrono_literals;
using Names = std::vector<std::string>;

struct Box {
  explicit Box(bool real) {
    if (real) {
      store = std::make_unique<RedisStore>(io, RedisStoreOptions{shared_redis().endpoint()});
    } else {
      store = std::make_unique<FakeStore>(clock);
    }
  }

  // Appends m_<n>, of a kind and a size, to a work's group or to one of its own.
  void send(int n, std::string_view kind, std::size_t bytes, const std::string& group = {}) {
    Commit commit = sample_commit(n);
    std::string json = fmt::format(R"({{"type":"dev.signalbox.{}","x":""}})", kind);
    json.insert(json.size() - 2, std::string(bytes - json.size(), 'x'));
    commit.appends[0].group = group;
    commit.appends[0].json = std::move(json);
    must_run(io, store->commit(commit, soon()));
  }
  Received receive(std::uint64_t max_bytes, std::uint32_t max = 100) {
    const ReceiveRequest request{"box", max, max_bytes, 1min, 0};
    return must_run(io, store->receive(request, soon()));
  }

  boost::asio::io_context io;
  SystemClock clock;
  std::unique_ptr<Store> store;
};

// "1", or "1 truncated".
Names names(const Received& received) {
  Names given;
  for (const LeasedMessage& message : received.messages) {
    const std::string id = message.receipt.substr(2, message.receipt.find('.') - 2);
    given.push_back(id + (message.truncated ? " truncated" : ""));
  }
  return given;
}

std::map<std::string, std::uint64_t> counts(const std::vector<Tally>& tallies) {
  std::map<std::string, std::uint64_t> by_name;
  for (const Tally& tally : tallies) by_name[tally.name] = tally.count;
  return by_name;
}

}  // namespace

TEST_CASE("with a budget what must be acted on comes first, then what fits") {
  Box box{GENERATE(true, false)};
  box.send(1, "note", 300);
  box.send(2, "event", 900);
  box.send(3, "assign", 300);
  box.send(4, "note", 300);
  const Received received = box.receive(100 + 3 * (300 + 97 + 3));
  CHECK(names(received) == Names{"3", "1", "4"});
  CHECK(received.remaining == 1);
  CHECK(counts(received.left_by_kind) == std::map<std::string, std::uint64_t>{{"event", 1}});
}

TEST_CASE("without a budget the order is that of arrival, and nothing is counted") {
  Box box{GENERATE(true, false)};
  box.send(1, "note", 300);
  box.send(2, "assign", 30'000);
  const Received received = box.receive(0);
  CHECK(names(received) == Names{"1", "2"});
  CHECK(received.left_by_kind.empty());
}

TEST_CASE("a message that must be acted on is truncated where it does not fit") {
  Box box{GENERATE(true, false)};
  box.send(1, "note", 100);
  box.send(2, "decision", 50'000);
  box.send(3, "help", 50'000);
  CHECK(names(box.receive(answer_bytes_least)) == Names{"2 truncated"});
  CHECK(names(box.receive(answer_bytes_least + 200)) == Names{"3 truncated", "1"});
}

TEST_CASE("what only tells is not leased where it does not fit, but never starves") {
  Box box{GENERATE(true, false)};
  box.send(1, "note", 5'000);
  box.send(2, "note", 200);
  CHECK(names(box.receive(1'000)) == Names{"2"});
  CHECK(names(box.receive(1'000)) == Names{"1 truncated"});
  CHECK(names(box.receive(1'000)).empty());
}

TEST_CASE("a budget hands out no message of a work before the one ahead of it") {
  Box box{GENERATE(true, false)};
  box.send(1, "note", 5'000, "w_a");
  box.send(2, "assign", 100, "w_a");
  box.send(3, "note", 100, "w_b");
  box.send(4, "note", 100, "w_b");
  const Received first = box.receive(1'000);
  CHECK(names(first) == Names{"3"});
  CHECK(first.remaining == 3);
  CHECK(counts(first.left_by_kind) ==
        std::map<std::string, std::uint64_t>{{"note", 2}, {"assign", 1}});
  CHECK(counts(first.left_by_work) == std::map<std::string, std::uint64_t>{{"w_a", 2}, {"w_b", 1}});
  CHECK(names(box.receive(1'000)) == Names{"1 truncated"});
}

TEST_CASE("a budget bounds the number of messages too") {
  Box box{GENERATE(true, false)};
  for (int n = 1; n <= 5; ++n) box.send(n, n < 4 ? "note" : "assign", 100);
  CHECK(names(box.receive(100'000, 3)) == Names{"4", "5", "1"});
}

TEST_CASE("a budget below the least is refused") {
  Box box{GENERATE(true, false)};
  const ReceiveRequest request{"box", 1, answer_bytes_least - 1, 1min, 0};
  CHECK(run(box.io, box.store->receive(request, soon())).error().reason ==
        Reason::invalid_argument);
}

}  // namespace signalbox::testing
