#include "rules/source/known_names.hpp"

#include <catch2/catch.hpp>

#include <string>
#include <vector>

namespace signalbox {

TEST_CASE("a name that nobody knows is told the nearest, and all there are", "[names]") {
  const std::vector<std::string_view> names{"review", "triage"};
  CHECK(known_names("reveiw", names) == "; did you mean 'review'? (known: review, triage)");
  CHECK(known_names("x", names) == " (known: review, triage)");
  CHECK(known_names("x", {}) == " (there are none)");
}

TEST_CASE("twenty names are listed, and the others counted", "[names][limits]") {
  std::vector<std::string> texts;
  for (int i = 0; i < 22; ++i) texts.push_back("name" + std::to_string(100 + i));
  std::vector<std::string_view> names{texts.begin(), texts.end()};
  CHECK(known_names("x", names).ends_with("name119, and 2 more)"));
  names.resize(20);
  CHECK(known_names("x", names).ends_with("name119)"));
}

}  // namespace signalbox
