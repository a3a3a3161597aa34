// Small parts of the command line that need no server: streams of events, clocks, wrapped text.
#include <catch2/catch.hpp>
#include <sstream>

#include "gateway/cli/client/server_sent_events.hpp"
#include "gateway/cli/doctor/doctor.hpp"

namespace signalbox {
namespace {

TEST_CASE("events of a stream are the same however their bytes are cut", "[cli][follow]") {
  const std::string stream =
      ": a comment\nretry: 2000\n\nid: m_1\nevent: message\ndata: {\"a\":1}\n\n"
      "event: problem\r\ndata: one\r\ndata:two\r\n\r\ndata: alone\r\rdata\n\nevent: empty\n\n";
  for (std::size_t size = 1; size <= stream.size(); ++size) {
    std::vector<std::string> seen;
    SentEventReader reader{
        [&](const SentEvent& event) { seen.push_back(event.type + "=" + event.data); }};
    for (std::size_t at = 0; at < stream.size(); at += size) {
      REQUIRE(reader.feed(std::string_view{stream}.substr(at, size)));
    }
    CAPTURE(size);
    CHECK(seen == std::vector<std::string>{"message={\"a\":1}", "problem=one\ntwo", "message=alone",
                                           "message="});
  }
}

TEST_CASE("an event beyond its bound ends a stream", "[cli][follow]") {
  SentEventReader reader{[](const SentEvent&) { FAIL("an event was seen"); }};
  const std::string piece(std::size_t{1024} * 1024, 'x');
  bool good = reader.feed("data: ");
  std::size_t fed = 0;
  for (; good && fed < 2 * sent_event_bytes_max; fed += piece.size()) good = reader.feed(piece);
  CHECK_FALSE(good);
  CHECK(fed <= sent_event_bytes_max + piece.size());
}

TEST_CASE("clocks may differ by their precision and a second, and are bad from a minute on",
          "[cli][doctor]") {
  const auto grade = [](std::int64_t ahead_ms, std::int64_t precision_ms) {
    DoctorReport report;
    examine_clock(report, "redis.clock", "Redis's clock", Milliseconds{ahead_ms},
                  Milliseconds{precision_ms});
    REQUIRE(report.lines().size() == 1);
    return report.lines().front().grade;
  };
  CHECK(grade(0, 0) == Grade::good);
  CHECK(grade(-1'000, 0) == Grade::good);
  CHECK(grade(1'001, 0) == Grade::warning);
  CHECK(grade(-1'900, 1'000) == Grade::good);
  CHECK(grade(-60'000, 0) == Grade::warning);
  CHECK(grade(-60'001, 0) == Grade::bad);
  CHECK(grade(60'001, 1'000) == Grade::bad);
}

TEST_CASE("sizes are for people", "[cli][doctor]") {
  CHECK(readable_bytes(0) == "0 bytes");
  CHECK(readable_bytes(1023) == "1023 bytes");
  CHECK(readable_bytes(1536) == "1.5 KiB");
  CHECK(readable_bytes(std::uint64_t{3} << 40U) == "3.0 TiB");
}

TEST_CASE("text is broken at spaces, and words never", "[cli][terminal]") {
  CHECK(wrapped("one two three", {0, 2, 8}) == "one two\n  three");
  CHECK(wrapped("one two", {5, 5, 8}) == "one\n     two");
  CHECK(wrapped("averylongword two", {0, 0, 6}) == "averylongword\ntwo");
  CHECK(wrapped("one two", {0, 0, 0}) == "one two");
  CHECK(wrapped("", {0, 0, 10}).empty());
}

TEST_CASE("a table that is too wide gives way in its widest columns, never in its ids",
          "[cli][terminal]") {
  std::ostringstream out;
  std::ostringstream err;
  Terminal terminal{out, err, false, 50};
  terminal.table({"OUTCOME", "TYPE", "SUBJECT", "ID"},
                 {{{"accepted"},
                   {"github.pull_request_review.submitted"},
                   {"github:acme/api#42"},
                   {"e_1cEI4ot2GmpiHFXjS"}}},
                 2);
  std::istringstream lines{out.str()};
  std::string line;
  while (std::getline(lines, line)) CHECK(display_width(line) <= 50);
  CHECK(out.str().find("e_1cEI4ot2GmpiHFXjS\n") != std::string::npos);
  CHECK(out.str().find("accepted") != std::string::npos);
}

}  // namespace
}  // namespace signalbox
