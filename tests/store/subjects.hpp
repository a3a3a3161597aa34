// The two stores, Redis and the fake, on a clock that tests move: what is claimed of one holds for
// both.
#pragma once

#include <memory>

#include "tests/store/key_bounds.hpp"
#include "tests/store/store_fixture.hpp"

namespace signalbox::testing {

struct Subject {
  virtual ~Subject() = default;
  virtual Store& store() = 0;
  virtual void pass(Milliseconds time) = 0;
  // Keys without a bound; empty when there is none.
  virtual std::string unbounded() { return {}; }

  boost::asio::io_context io;
  TestClock clock;
};

struct RealSubject final : Subject {
  explicit RealSubject(std::uint64_t dead_max)
      : dead_max_{dead_max},
        store_{io, RedisStoreOptions{redis_.endpoint(), "sb1", test_time_script, dead_max}} {
    pass(Milliseconds{0});
  }
  Store& store() override { return store_; }
  void pass(Milliseconds time) override {
    clock.time += time;
    passed_ += time;
    direct_({"SET", "sb1:{main}:now", std::to_string(clock.time.time_since_epoch().count())});
  }
  std::string unbounded() override {
    KeyBounds bounds = sample_bounds;
    bounds.ahead = passed_;
    bounds.dead_max = dead_max_;
    return unbounded_keys(direct_, bounds);
  }

  std::uint64_t dead_max_;
  Milliseconds passed_{};
  EmbeddedRedis& redis_ = shared_redis();
  Direct direct_{redis_.endpoint()};
  RedisStore store_;
};

struct FakeSubject final : Subject {
  explicit FakeSubject(std::uint64_t dead_max) : store_{clock, dead_max} {}
  Store& store() override { return store_; }
  void pass(Milliseconds time) override { clock.time += time; }
  FakeStore store_;
};

inline std::unique_ptr<Subject> make_subject(bool real, std::uint64_t dead_max = dead_letters_max) {
  if (real) return std::make_unique<RealSubject>(dead_max);
  return std::make_unique<FakeSubject>(dead_max);
}

}  // namespace signalbox::testing
