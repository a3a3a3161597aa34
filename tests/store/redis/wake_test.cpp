// Who waits for a mailbox hears of its messages.
#include "store/redis/wake.hpp"
#include "tests/store/store_fixture.hpp"

namespace signalbox::testing {
namespace {

using namespace std::chrono_literals;

struct WakeFixture {
  boost::asio::io_context io;
  EmbeddedRedis& redis = shared_redis();
  Direct direct{redis.endpoint()};
  RedisStore store{io, RedisStoreOptions{redis.endpoint()}};
  std::map<std::string, int> heard;
  WakeSubscriber subscriber{io, redis.endpoint(), "sb1",
                            [this](std::string_view mailbox) { ++heard[std::string{mailbox}]; }};

  // Subscribed, which counts as a wake.
  void watch(const std::string& mailbox) {
    const int before = heard[mailbox];
    subscriber.watch(mailbox);
    run_until(io, [&] { return heard[mailbox] > before; });
    heard.clear();
  }
  void commit(int number, const std::string& mailbox, const std::string& group = {}) {
    Commit commit = sample_commit(number, mailbox);
    commit.appends[0].group = group;
    must_run(io, store.commit(commit, soon()));
  }
  // What was published before is heard by now: Redis answers in order, on another connection a
  // moment later.
  void settle(const std::string& mailbox) {
    const int before = heard[mailbox];
    direct({"PUBLISH", "sb1:{main}:wake:" + mailbox, ""});
    run_until(io, [&] { return heard[mailbox] > before; });
    --heard[mailbox];
  }
};

TEST_CASE_METHOD(WakeFixture, "a mailbox that is watched is heard, another is not") {
  watch("box");
  commit(1, "other");
  commit(2, "box");
  run_until(io, [&] { return heard["box"] > 0; });
  settle("box");
  CHECK(heard["box"] == 1);
  CHECK(heard["other"] == 0);
}

TEST_CASE_METHOD(WakeFixture,
                 "a message that waited behind another of its work wakes when its turn has come") {
  commit(1, "box", "w_1");
  commit(2, "box", "w_1");
  watch("box");
  const ReceiveRequest request{"box", 1, 0, 1min, 0};
  const std::string receipt = must_run(io, store.receive(request, soon())).messages.at(0).receipt;
  settle("box");
  CHECK(heard["box"] == 0);
  must_run(io, store.acknowledge("box", {receipt}, soon()));
  run_until(io, [&] { return heard["box"] > 0; });
}

TEST_CASE_METHOD(WakeFixture, "acknowledging the last message of a work wakes nobody") {
  commit(1, "box", "w_1");
  watch("box");
  const ReceiveRequest request{"box", 1, 0, 1min, 0};
  const std::string receipt = must_run(io, store.receive(request, soon())).messages.at(0).receipt;
  must_run(io, store.acknowledge("box", {receipt}, soon()));
  settle("box");
  CHECK(heard["box"] == 0);
}

TEST_CASE_METHOD(WakeFixture, "what is given back wakes") {
  commit(1, "box");
  watch("box");
  const ReceiveRequest request{"box", 1, 0, 1min, 0};
  const std::string receipt = must_run(io, store.receive(request, soon())).messages.at(0).receipt;
  must_run(io, store.give_back("box", {receipt}, soon()));
  run_until(io, [&] { return heard["box"] > 0; });
}

TEST_CASE_METHOD(WakeFixture,
                 "a mailbox that is watched twice is heard until it was unwatched twice") {
  watch("box");
  subscriber.watch("box");
  subscriber.unwatch("box");
  commit(1, "box");
  run_until(io, [&] { return heard["box"] == 1; });
  subscriber.unwatch("box");
  watch("after");  // the subscriptions change in order
  commit(2, "box");
  settle("after");
  CHECK(heard["box"] == 0);
}

TEST_CASE_METHOD(WakeFixture,
                 "after a break in the connection every mailbox that is watched counts as woken") {
  watch("box");
  watch("other");
  heard.clear();
  direct({"CLIENT", "KILL", "TYPE", "pubsub"});
  run_until(io, [&] { return heard["box"] > 0 && heard["other"] > 0; });
}

}  // namespace
}  // namespace signalbox::testing
