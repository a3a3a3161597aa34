// Marks of attempts: no two are alike, and they grow in their last digits alone.
#include "coordination/attempt_marks.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cctype>
#include <set>

namespace signalbox {
namespace {

TEST_CASE("marks have 16 characters of base 62, and no two of a thread are alike") {
  AttemptMarks marks;
  std::set<std::string> seen;
  const std::string beginning = marks.next().substr(0, 11);
  for (int i = 0; i < 10'000; ++i) {
    const std::string mark = marks.next();
    REQUIRE(mark.size() == attempt_chars);
    REQUIRE(std::ranges::all_of(mark, [](unsigned char c) { return std::isalnum(c) != 0; }));
    CHECK(mark.substr(0, 11) == beginning);
    seen.insert(mark);
  }
  CHECK(seen.size() == 10'000);
}

TEST_CASE("behind the last digit of a place the next one is counted up") {
  AttemptMarks marks;
  std::set<char> last;
  std::size_t carries = 0;
  std::string before = marks.next();
  for (int i = 0; i < 62; ++i) {
    const std::string mark = marks.next();
    last.insert(mark.back());
    const bool carried = mark[14] != before[14];
    CHECK(carried == (mark.back() == '0'));
    carries += carried ? 1 : 0;
    before = mark;
  }
  CHECK(last.size() == 62);
  CHECK(carries == 1);
}

TEST_CASE("marks of two threads begin otherwise") {
  CHECK(AttemptMarks{}.next().substr(0, 11) != AttemptMarks{}.next().substr(0, 11));
}

}  // namespace
}  // namespace signalbox
