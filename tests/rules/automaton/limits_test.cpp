// The limits of a set of rules, each from both sides, and what happens when a count of events runs
// out.
#include <fmt/format.h>
#include <catch2/catch.hpp>

#include "rules/automaton/automaton.hpp"

using namespace signalbox;

namespace {

std::vector<Pattern> compiled(const std::vector<std::string>& texts) {
  std::vector<Pattern> patterns;
  for (const std::string& text : texts) {
    INFO(text);
    auto pattern = compile_pattern_text(text);
    REQUIRE(pattern.has_value());
    patterns.push_back(std::move(*pattern));
  }
  return patterns;
}

// What is said where the patterns are too much, or an empty text.
std::string refusal(const std::vector<std::string>& texts, const AutomatonLimits& limits = {},
                    TooComplex* kept = nullptr) {
  const std::vector<Pattern> patterns = compiled(texts);
  const std::vector<AutomatonRule> rules{patterns.begin(), patterns.end()};
  TooComplex problem;
  const auto automaton = Automaton::compile(rules, problem, limits);
  CHECK((automaton == nullptr) == !problem.what.empty());
  if (kept != nullptr) *kept = problem;
  return problem.what;
}

// Wildcards of no character but `a`, no two alike.
std::vector<std::string> wildcards_of_one_letter(std::size_t count) {
  std::vector<std::string> texts;
  for (std::size_t i = 0; i < count; ++i) {
    std::string stars = i % 2 == 0 ? "*" : "";
    for (std::size_t piece = 0; piece <= i / 2 % 900; ++piece) stars += piece == 0 ? "a" : "*a";
    if (i / 1800 % 2 == 1) stars += '*';
    texts.push_back(R"({"f":[{"wildcard":")" + stars + R"("}]})");
  }
  return texts;
}

std::vector<std::string> caseless_texts(std::size_t count) {
  std::vector<std::string> texts;
  for (std::size_t i = 0; i < count; ++i) {
    texts.push_back(fmt::format(R"({{"f":[{{"equals-ignore-case":"ä{}"}}]}})", i));
  }
  return texts;
}

}  // namespace

TEST_CASE("all rules have at most a million ways to match and eight million conditions") {
  CHECK(AutomatonLimits{}.branches_max == 1'000'000);
  CHECK(AutomatonLimits{}.conditions_max == 8'000'000);
  const std::string two_ways = R"({"$or":[{"a":[1]},{"b":[1]}]})";
  const std::string one_way = R"({"a":[1],"b":[2]})";
  CHECK(refusal({two_ways, two_ways, one_way}, {.branches_max = 5}) == "");
  CHECK(refusal({two_ways, two_ways, one_way, one_way}, {.branches_max = 5}) ==
        "more than 5 combinations of '$or'");
  // A rule without conditions is one way as well.
  CHECK(refusal({one_way}, {.branches_max = 0}) == "more than 0 combinations of '$or'");
  CHECK(refusal({one_way, two_ways, one_way}, {.conditions_max = 6}) == "");
  CHECK(refusal({one_way, two_ways, one_way}, {.conditions_max = 5}) == "more than 5 conditions");
}

TEST_CASE("of rules that are too much together those with the most conditions are named, five") {
  std::vector<std::string> texts{R"({"a":[1]})"};
  for (int i = 0; i < 7; ++i) texts.push_back(R"({"$or":[{"a":[1]},{"b":[1]}]})");
  TooComplex problem;
  refusal(texts, {.branches_max = 14}, &problem);
  CHECK(problem.rules == std::vector<std::uint32_t>{7, 6, 5, 4, 3});
}

TEST_CASE("of one field's conditions two thousand may have to be tried") {
  const std::size_t most = AutomatonLimits{}.tried_conditions_max;
  CHECK(most == 2'000);
  CHECK(refusal(caseless_texts(most)) == "");
  CHECK_THAT(refusal(caseless_texts(most + 1)), Catch::StartsWith("more than 2000 wildcards"));
  CHECK(refusal(wildcards_of_one_letter(most)) == "");
  CHECK_THAT(refusal(wildcards_of_one_letter(most + 1)),
             Catch::StartsWith("more than 2000 wildcards"));
  // What nearly all values pass is looked at anyway.
  std::vector<std::string> anything;
  for (std::size_t i = 0; i <= most; ++i) {
    anything.push_back(fmt::format(R"({{"f":[{{"anything-but":{{"prefix":"{}"}}}}]}})", i));
  }
  CHECK(refusal(anything) == "");
}

TEST_CASE("a scratch that has counted two thousand million events begins anew and stays right") {
  const auto patterns =
      compiled({R"({"a":[1]})", R"({"l":{"n":[1]}})", R"({"b":[{"wildcard":"x*"}]})"});
  const std::vector<AutomatonRule> rules{patterns.begin(), patterns.end()};
  TooComplex problem;
  const auto automaton = Automaton::compile(rules, problem);
  REQUIRE(automaton != nullptr);
  JsonDocument first;
  JsonDocument second;
  const Json some = *first.parse_copy(R"({"a":1,"b":"xy"})");
  const Json other = *second.parse_copy(R"({"l":[{"n":1}]})");
  MatchScratch scratch;
  automaton->match({}, some, scratch);
  scratch.epoch = 0x7FFFFFFF - 2;
  for (int i = 0; i < 3; ++i) {
    const auto found = automaton->match({}, some, scratch);
    CHECK(std::vector<std::uint32_t>{found.begin(), found.end()} ==
          std::vector<std::uint32_t>{0, 2});
    const auto found_other = automaton->match({}, other, scratch);
    CHECK(std::vector<std::uint32_t>{found_other.begin(), found_other.end()} ==
          std::vector<std::uint32_t>{1});
  }
  CHECK(scratch.epoch == 4);
}
