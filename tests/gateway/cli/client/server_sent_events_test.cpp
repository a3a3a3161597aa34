// Streams of events, however their bytes are cut.
#include <catch2/catch.hpp>

#include "gateway/cli/client/server_sent_events.hpp"

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

TEST_CASE("an event of just its bound is taken, and one byte more ends the stream",
          "[cli][follow][limits]") {
  const auto takes = [](std::size_t bytes) {
    std::size_t seen = 0;
    SentEventReader reader{[&](const SentEvent& event) { seen = event.data.size(); }};
    const bool good = reader.feed("data:" + std::string(bytes - 5, 'x') + "\n\n");
    return good && seen == bytes - 5;
  };
  CHECK(takes(sent_event_bytes_max));
  CHECK_FALSE(takes(sent_event_bytes_max + 1));
}

}  // namespace
}  // namespace signalbox
