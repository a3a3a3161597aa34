// When memory is given back to the system.
#include "gateway/worker/heap_trimmer.hpp"

#include <catch2/catch.hpp>

namespace signalbox {

using namespace std::chrono_literals;

TEST_CASE("memory is given back once a thousand connections have gone, or 64 MiB of requests",
          "[worker]") {
  const auto start = std::chrono::steady_clock::now();
  constexpr std::size_t mib = 1024 * 1024;
  HeapTrimmer connections;
  CHECK_FALSE(connections.looks_worth_it(1'999, 0, start));
  CHECK_FALSE(connections.looks_worth_it(1'000, 0, start));  // 999 have gone
  CHECK(connections.looks_worth_it(999, 0, start));
  HeapTrimmer crowd;
  CHECK_FALSE(crowd.looks_worth_it(10'000, 0, start));
  CHECK_FALSE(crowd.looks_worth_it(5'001, 0, start));  // more than half is left
  CHECK(crowd.looks_worth_it(5'000, 0, start));
  HeapTrimmer bytes;
  CHECK_FALSE(bytes.looks_worth_it(0, 64 * mib, start));
  CHECK_FALSE(bytes.looks_worth_it(0, 1, start));
  CHECK(bytes.looks_worth_it(0, 0, start));
}

TEST_CASE("memory is given back every ten seconds at most, and each crowd counts once",
          "[worker]") {
  const auto start = std::chrono::steady_clock::now();
  HeapTrimmer trimmer;
  trimmer.looks_worth_it(2'000, 0, start);
  CHECK(trimmer.looks_worth_it(0, 0, start));
  CHECK_FALSE(trimmer.looks_worth_it(0, 0, start + 1min));
  trimmer.looks_worth_it(2'000, 0, start);
  CHECK_FALSE(trimmer.looks_worth_it(0, 0, start + 9'999ms));
  CHECK(trimmer.looks_worth_it(0, 0, start + 10s));
}

}  // namespace signalbox
