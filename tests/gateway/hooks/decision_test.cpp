// What rules make of a delivery beside its messages: what the log says of them at debug level.
#include "gateway/hooks/decision.hpp"

#include <fmt/format.h>
#include <catch2/catch.hpp>

#include "gateway/worker/runtime.hpp"
#include "tests/gateway/captured_log.hpp"
#include "tests/gateway/other_configuration.hpp"

namespace signalbox {
namespace {

using test::CapturedLog;
using test::pull_request;
using test::WorkerFixture;

std::size_t count(const std::string& text, std::string_view part) {
  std::size_t found = 0;
  for (auto at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++found;
  return found;
}

}  // namespace

TEST_CASE("rules for other events are not explained in the log", "[hooks]") {
  WorkerFixture fixture;
  const CapturedLog log;
  REQUIRE(fixture.ingest_only(pull_request()).has_value());
  CHECK(log.has("rule=review"));
  CHECK_FALSE(log.has("rule=triage"));
  CHECK_FALSE(log.has("path=events"));
}

TEST_CASE("of the rules that an event meets twenty are explained in the log", "[hooks]") {
  WorkerFixture fixture;
  std::string rules = "rules:\n";
  for (int i = 0; i < 25; ++i) {
    rules += fmt::format(
        "  - {{name: rule-{}, events: [github.pull_request], "
        "send: [{{to: reviewer, kind: note, summary: s}}]}}\n",
        i);
  }
  test::change_configuration(fixture, [&](Config& config) { test::use_rules(config, rules); });
  const CapturedLog log;
  const auto ack = fixture.ingest_only(pull_request());
  REQUIRE(ack.has_value());
  CHECK(ack->messages == 25);
  CHECK(count(log.text(), "msg=\"rule matched\"") == 20);
}

}  // namespace signalbox
