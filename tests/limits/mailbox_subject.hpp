// A mailbox `box` of a real Redis or of the fake store, on a clock that moves by hand: what limits
// of mailboxes are shown on.
#pragma once

#include <fmt/format.h>

#include "event/ids.hpp"
#include "tests/store/store_fixture.hpp"

namespace signalbox::test {

class MailboxSubject {
 public:
  explicit MailboxSubject(bool real) {
    if (real) real_ = std::make_unique<Real>(io_);
    pass(Milliseconds{0});
  }

  Store& store() { return real_ ? static_cast<Store&>(real_->store) : fake_; }
  testing::Direct& redis() { return real_->direct; }
  RedisStore& redis_store() { return real_->store; }

  void pass(Milliseconds time) {
    clock_.time += time;
    if (!real_) return;
    real_->direct({"SET", "sb1:{main}:now", std::to_string(now())});
  }
  std::int64_t now() const { return clock_.time.time_since_epoch().count(); }

  template <class T>
  T run(Task<Result<T>> task) {
    return testing::must_run(io_, std::move(task));
  }

  // One message more, in a group of its own where none is named.
  void send(std::string json, const std::string& group = {}, const std::string& mailbox = "box") {
    send_many(1, std::move(json), group, mailbox);
  }
  void send_many(std::int64_t count, const std::string& json, const std::string& group = {},
                 const std::string& mailbox = "box") {
    Commit commit = testing::sample_commit(++commits_);
    commit.mailbox_max = 1'000'000;
    commit.record.received = clock_.time;
    commit.appends.clear();
    for (std::int64_t i = 0; i < count; ++i) {
      commit.appends.push_back({mailbox, group, fmt::format("m_{}", ++messages_), json});
    }
    run(store().commit(commit, testing::soon()));
  }

  Received receive(std::uint32_t max, std::uint64_t max_bytes = 0,
                   std::uint32_t max_deliveries = 0) {
    const ReceiveRequest request{"box", max, max_bytes, std::chrono::minutes{1}, max_deliveries};
    return run(store().receive(request, testing::soon()));
  }
  Peeked peek(std::uint32_t max = 1) { return run(store().peek("box", max, testing::soon())); }
  std::uint64_t dead() { return peek().counts.dead; }

 private:
  struct Real {
    explicit Real(boost::asio::io_context& io)
        : store{io, RedisStoreOptions{redis.endpoint(), "sb1", testing::test_time_script}} {}
    EmbeddedRedis& redis = testing::shared_redis();
    testing::Direct direct{redis.endpoint()};
    RedisStore store;
  };
  boost::asio::io_context io_;
  testing::TestClock clock_;
  FakeStore fake_{clock_};
  std::unique_ptr<Real> real_;
  int commits_ = 0;
  std::int64_t messages_ = 0;
};

// A message as the store looks at it: of a kind, and as long as asked for.
inline std::string message_of(std::string_view kind, std::int64_t bytes = 0) {
  std::string text = fmt::format(R"({{"type":"dev.signalbox.{}","data":"")", kind);
  if (std::cmp_greater(bytes, text.size() + 2)) {
    text.append(static_cast<std::size_t>(bytes) - text.size() - 2, 'x');
  }
  return text + "\"}";
}

}  // namespace signalbox::test
