// A flood of refusals is a bounded number of lines, and none of it is lost from the count.
#include "gateway/limits/refusal_lines.hpp"

#include <catch2/catch.hpp>

#include <atomic>
#include <thread>
#include <vector>

#include "tests/gateway/captured_log.hpp"

namespace signalbox {
namespace {

using namespace std::chrono_literals;
constexpr RefusalLines::Instant start{1h};

int taken_of(RefusalLines& lines, int count, RefusalLines::Instant at,
             std::string_view source = "github", Reason reason = Reason::signature_missing) {
  int taken = 0;
  for (int i = 0; i < count; ++i) taken += lines.take(RefusedAt::hooks, reason, source, at) ? 1 : 0;
  return taken;
}

}  // namespace

TEST_CASE("a burst of refusals is shown, then one a second, and the others are told as a number",
          "[log]") {
  RefusalLines lines;
  CHECK(taken_of(lines, 1000, start) == 20);
  CHECK(taken_of(lines, 1000, start + 999ms) == 0);
  CHECK(taken_of(lines, 1000, start + 1s) == 1);
  CHECK(taken_of(lines, 1000, start + 10s) == 9);
  const test::CapturedLog log;
  lines.tell();
  CHECK(
      log.has("level=warning msg=\"more refused\" listener=hooks reason=signature_missing "
              "count=3970"));
  lines.tell();
  CHECK(log.text().find("more refused") == log.text().rfind("more refused"));
  CHECK(taken_of(lines, 1000, start + 1h) == 20);
}

TEST_CASE("a flood of one reason, listener or source does not silence the others", "[log]") {
  RefusalLines lines;
  taken_of(lines, 1000, start);
  CHECK(taken_of(lines, 1, start, "github", Reason::signature_invalid) == 1);
  CHECK(lines.take(RefusedAt::api, Reason::signature_missing, "github", start));
  int others = 0;
  for (const char* source : {"a", "b", "c", "d", "e", "f", "g", "h"}) {
    others += taken_of(lines, 1, start, source);
  }
  CHECK(others > 0);
}

TEST_CASE("threads share the number of lines", "[log]") {
  RefusalLines lines;
  std::atomic<int> taken{0};
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 4; ++i) {
      threads.emplace_back([&] { taken += taken_of(lines, 10'000, start); });
    }
  }
  CHECK(taken == 20);
}

}  // namespace signalbox
