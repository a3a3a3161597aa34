// Pauses that double.
#include "store/backoff.hpp"

#include <catch2/catch.hpp>

namespace signalbox::testing {
namespace {

using namespace std::chrono_literals;

TEST_CASE("a back-off begins with the first pause, doubles, and stays at the longest") {
  Backoff backoff{50ms, 500ms};
  for (const Milliseconds expected : {50ms, 100ms, 200ms, 400ms, 500ms, 500ms}) {
    CHECK(backoff.next() == expected);
  }
  backoff.reset();
  CHECK(backoff.next() == 50ms);
  CHECK(backoff.next() == 100ms);
}

}  // namespace
}  // namespace signalbox::testing
