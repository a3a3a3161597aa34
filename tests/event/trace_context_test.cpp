#include "event/trace_context.hpp"

#include <catch2/catch.hpp>

#include <array>
#include <set>

namespace signalbox {
namespace {

const std::string trace = "0af7651916cd43dd8448eb211c80319c";
const std::string span = "b7ad6b7169203331";

std::string header(const std::string& version, const std::string& flags) {
  return version + "-" + trace + "-" + span + "-" + flags;
}

TEST_CASE("a well-formed traceparent is taken, whatever its version") {
  struct Row {
    std::string text;
    std::string taken;
  };
  const std::vector<Row> rows{
      {header("00", "01"), header("00", "01")},
      {header("00", "00"), header("00", "00")},
      {header("00", "03"), header("00", "01")},
      {header("00", "fe"), header("00", "00")},
      {header("cc", "01"), header("00", "01")},
      {header("cc", "01") + "-what-the-future-will-be-like", header("00", "01")},
      {header("01", "09") + "-", header("00", "01")},
  };
  for (const Row& row : rows) {
    INFO(row.text);
    CHECK(parse_traceparent(row.text) == row.taken);
  }
}

TEST_CASE("a malformed traceparent is ignored") {
  const std::string good = header("00", "01");
  std::vector<std::string> rows{
      "",
      "00",
      header("ff", "01"),
      header("0g", "01"),
      header("00", "0A"),
      header("00", "01") + "-more",
      header("00", "01") + "-",
      header("00", "01") + " ",
      header("cc", "01") + ".more",
      header("cc", "01") + "0",
      "00-" + std::string(32, '0') + "-" + span + "-01",
      "00-" + trace + "-" + std::string(16, '0') + "-01",
      "00-0AF7651916CD43DD8448EB211C80319C-" + span + "-01",
      " " + good,
      good.substr(0, 54),
  };
  // No character can be another one and none can be missing.
  for (std::size_t i = 0; i < good.size(); ++i) {
    for (const char c : {'x', ' ', '\0', '\n', 'F'}) {
      rows.push_back(good);
      rows.back()[i] = c;
    }
    rows.push_back(good.substr(0, i) + good.substr(i + 1));
  }
  for (const std::string& row : rows) {
    INFO(row);
    CHECK_FALSE(parse_traceparent(row));
  }
}

TEST_CASE("of several traceparent headers none counts") {
  const std::string one = header("00", "01");
  const std::array<Headers::Field, 2> twice{{{"traceparent", one}, {"Traceparent", one}}};
  CHECK(traceparent_of(Headers{twice}).empty());
  CHECK(traceparent_of(Headers{std::span{twice}.first(1)}) == one);
  CHECK(traceparent_of(Headers{std::span{twice}.last(1)}) == one);
  CHECK(traceparent_of(Headers{}).empty());
}

TEST_CASE("a message has a span of its own in the trace of its cause, the same at each retry") {
  const std::string parent = header("00", "01");
  std::set<std::string> spans{parent};
  for (const char* id : {"m_1", "m_2", "m_3"}) {
    const std::string child = child_traceparent(parent, id);
    CHECK(child == child_traceparent(parent, id));
    CHECK(parse_traceparent(child) == child);
    CHECK(trace_id_of(child) == trace);
    CHECK(child.ends_with("-01"));
    spans.insert(child);
  }
  CHECK(spans.size() == 4);
}

TEST_CASE("no trace is invented") {
  CHECK(child_traceparent("", "m_1").empty());
  CHECK(trace_id_of("").empty());
}

}  // namespace
}  // namespace signalbox
