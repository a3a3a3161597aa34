#include "gateway/limits/token_bucket.hpp"

#include <algorithm>
#include <cassert>

namespace signalbox {
namespace {

constexpr std::int64_t nanoseconds_per_ms = 1'000'000;

std::int64_t between_tokens(const Rate& rate) noexcept {
  assert(rate.count > 0 && rate.burst > 0);
  return rate.period.count() * nanoseconds_per_ms / rate.count;
}

// How long it is until a bucket that is full again at `filled_at` has a whole token; at most 0
// where it has.
std::int64_t until_token(const Rate& rate, std::int64_t filled_at, std::int64_t now) noexcept {
  return filled_at - now - between_tokens(rate) * (std::int64_t{rate.burst} - 1);
}

}  // namespace

std::chrono::nanoseconds TokenBucket::take(const Rate& rate, Clock::time_point now) noexcept {
  if (!rate.limited()) return {};
  const std::int64_t at = now.time_since_epoch().count();
  std::int64_t before = filled_at_.load(std::memory_order_relaxed);
  std::int64_t after = 0;
  do {
    const std::int64_t filled_at = std::max(before, at);
    if (const auto missing = until_token(rate, filled_at, at); missing > 0) {
      return std::chrono::nanoseconds{missing};
    }
    after = filled_at + between_tokens(rate);
  } while (!filled_at_.compare_exchange_weak(before, after, std::memory_order_relaxed));
  return {};
}

std::chrono::nanoseconds TokenBucket::wait(const Rate& rate, Clock::time_point now) const noexcept {
  if (!rate.limited()) return {};
  const std::int64_t at = now.time_since_epoch().count();
  const std::int64_t filled_at = std::max(filled_at_.load(std::memory_order_relaxed), at);
  return std::chrono::nanoseconds{std::max<std::int64_t>(until_token(rate, filled_at, at), 0)};
}

}  // namespace signalbox
