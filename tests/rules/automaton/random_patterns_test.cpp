// What the differential test is made of: a generator that left an operator out, or made it such
// that it always matches, would leave the test green and tell nothing.
#include "tests/rules/automaton/random_patterns.hpp"

#include <catch2/catch.hpp>
#include <map>

#include "rules/automaton/pattern_answer.hpp"
#include "rules/pattern/operators.hpp"

using namespace signalbox;

namespace {

struct Seen {
  std::size_t matched = 0;
  std::size_t failed = 0;
};

// Calls `visit` with each match expression, a mapping in a list, and with each `$or`.
template <class Visit>
void each_operator(const SpelledJson& pattern, const Visit& visit) {
  for (const auto& [key, value] : pattern.fields) {
    if (key == "\"$or\"") {
      visit(key, pattern);
      for (const SpelledJson& way : value.elements) each_operator(way, visit);
      continue;
    }
    each_operator(value, visit);
    for (const SpelledJson& element : value.elements) {
      if (element.fields.size() == 1) {
        SpelledJson list;
        list.shape = SpelledJson::Shape::array;
        list.elements.push_back(element);
        SpelledJson alone;
        alone.shape = SpelledJson::Shape::object;
        alone.fields.emplace_back("\"a\"", std::move(list));
        visit(element.fields.front().first, alone);
      } else if (element.shape == SpelledJson::Shape::scalar) {
        SpelledJson alone;
        alone.shape = SpelledJson::Shape::object;
        alone.fields.emplace_back(key, value);
        visit("\"value\"", alone);
      }
    }
  }
}

}  // namespace

TEST_CASE("random patterns have every operator, and events that match and that do not") {
  RandomJson random{20261126};
  std::map<std::string, Seen> seen;
  for (int i = 0; i < 6'000; ++i) {
    each_operator(random.pattern(), [&](const std::string& name, const SpelledJson& pattern) {
      const auto answer = answer_pattern(pattern.text(), random.event().text());
      if (answer == PatternAnswer::match) ++seen[name].matched;
      if (answer == PatternAnswer::no_match) ++seen[name].failed;
    });
  }
  for (const Operator& row : all_operators()) {
    INFO(row.name << ": RandomJson::Operands makes none, or few that match or do not");
    const Seen& count = seen['"' + std::string{row.name} + '"'];
    CHECK(count.matched >= 20);
    CHECK(count.failed >= 20);
  }
}
