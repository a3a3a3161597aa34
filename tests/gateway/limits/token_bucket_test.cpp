// Token buckets, on a clock that the test moves.
#include "gateway/limits/token_bucket.hpp"

#include <catch2/catch.hpp>

#include <thread>
#include <vector>

namespace signalbox {
namespace {

using std::chrono::milliseconds;
using std::chrono::nanoseconds;

const TokenBucket::Clock::time_point start{std::chrono::hours{1}};
const Rate ten_each_second{10, Milliseconds{1000}, 3};

TEST_CASE("a bucket gives its burst at once, then as its rate says", "[bucket]") {
  TokenBucket bucket;
  CHECK(bucket.full(start));
  for (int i = 0; i < 3; ++i) CHECK(bucket.take(ten_each_second, start) == nanoseconds{0});
  CHECK(bucket.take(ten_each_second, start) == milliseconds{100});
  CHECK(bucket.take(ten_each_second, start + milliseconds{99}) == milliseconds{1});
  CHECK(bucket.take(ten_each_second, start + milliseconds{100}) == nanoseconds{0});
  CHECK(bucket.take(ten_each_second, start + milliseconds{100}) == milliseconds{100});
}

TEST_CASE("asking what is left takes nothing", "[bucket]") {
  TokenBucket bucket;
  for (int i = 0; i < 9; ++i) CHECK(bucket.wait(ten_each_second, start) == nanoseconds{0});
  for (int i = 0; i < 3; ++i) CHECK(bucket.take(ten_each_second, start) == nanoseconds{0});
  CHECK(bucket.wait(ten_each_second, start) == milliseconds{100});
}

TEST_CASE("a bucket is full again after its burst's time, and holds no more", "[bucket]") {
  TokenBucket bucket;
  for (int i = 0; i < 3; ++i) bucket.take(ten_each_second, start);
  CHECK_FALSE(bucket.full(start + milliseconds{299}));
  CHECK(bucket.full(start + milliseconds{300}));
  const auto later = start + std::chrono::hours{9};
  for (int i = 0; i < 3; ++i) CHECK(bucket.take(ten_each_second, later) == nanoseconds{0});
  CHECK(bucket.take(ten_each_second, later) > nanoseconds{0});
}

TEST_CASE("what was refused does not delay what comes later", "[bucket]") {
  TokenBucket bucket;
  for (int i = 0; i < 10'000; ++i) bucket.take(ten_each_second, start);
  CHECK(bucket.take(ten_each_second, start + milliseconds{100}) == nanoseconds{0});
}

TEST_CASE("a rate that is off never refuses", "[bucket]") {
  TokenBucket bucket;
  for (int i = 0; i < 1'000; ++i) CHECK(bucket.take(Rate{}, start) == nanoseconds{0});
  CHECK(bucket.wait(Rate{}, start) == nanoseconds{0});
  CHECK(bucket.full(start));
}

TEST_CASE("threads that share a bucket take no token twice", "[bucket]") {
  constexpr int threads = 4, tries = 20'000;
  const Rate rate{1, Milliseconds{3'600'000}, 1'000};
  TokenBucket bucket;
  std::atomic<int> taken{0};
  std::vector<std::thread> takers;
  for (int i = 0; i < threads; ++i) {
    takers.emplace_back([&] {
      for (int k = 0; k < tries; ++k) taken += bucket.take(rate, start) == nanoseconds{0} ? 1 : 0;
    });
  }
  for (std::thread& taker : takers) taker.join();
  CHECK(taken == 1'000);
}

}  // namespace
}  // namespace signalbox
