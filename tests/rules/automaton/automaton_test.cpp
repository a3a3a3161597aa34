// What the automaton promises beyond answering as the interpreter does: nothing is allocated per
// event, memory and time are bounded, and whole sets of rules match as the reference says.
#include "rules/automaton/automaton.hpp"

#include <fmt/format.h>
#include <catch2/catch.hpp>

#include <fstream>

#include "bench/harness/allocations.hpp"
#include "tests/foreign_files.hpp"
#include "tests/rules/rule_fixture.hpp"

using namespace signalbox;

namespace {

class CompiledPatterns {
 public:
  explicit CompiledPatterns(const std::vector<std::string>& texts) {
    ConditionPool conditions;
    std::vector<Pattern> patterns;
    for (const std::string& text : texts) {
      auto pattern = compile_pattern_text(text, &conditions);
      INFO(text);
      REQUIRE(pattern.has_value());
      patterns.push_back(std::move(*pattern));
    }
    const std::vector<AutomatonRule> rules{patterns.begin(), patterns.end()};
    automaton = Automaton::compile(rules, problem);
  }
  std::vector<std::uint32_t> match(const std::string& event) {
    const auto parsed = document.parse_copy(event);
    REQUIRE(parsed.has_value());
    const auto matched = automaton->match({}, *parsed, scratch);
    return {matched.begin(), matched.end()};
  }

  TooComplex problem;
  std::shared_ptr<const Automaton> automaton;
  MatchScratch scratch;
  JsonDocument document;
};

using Rules = std::vector<std::uint32_t>;

std::vector<std::string> of_every_kind() {
  return {R"({"a":["x",1,true,null,"10.0.0.1"]})",
          R"({"a":[{"prefix":"x"},{"suffix":{"equals-ignore-case":"Y"}}]})",
          R"({"a":[{"wildcard":"*x*y"},{"equals-ignore-case":"xyz"}],"l":{"n":[1]}})",
          R"({"a":[{"anything-but":{"wildcard":"q*"}}],"l":{"n":[2],"m":["two"]}})",
          R"({"a":[{"anything-but":["x"]}],"b":[{"exists":false}]})",
          R"({"l":{"n":[{"numeric":[">",0,"<",5]}],"m":[{"exists":false},{"prefix":"t"}]}})",
          R"({"$or":[{"a":[{"cidr":"10.0.0.0/8"}]},{"l":{"m":[{"suffix":"o"}]}}]})"};
}

std::vector<std::string> wildcards_alike() {
  std::vector<std::string> wildcards;
  for (std::size_t i = 0; i <= 2 * AutomatonLimits{}.tried_conditions_max; ++i) {
    std::string stars = "*";
    for (std::size_t bit = 0; bit < 13; ++bit) stars += (i >> bit & 1) != 0 ? "a*" : "b*";
    wildcards.push_back(stars);
  }
  return wildcards;
}

std::vector<std::string> lines_of(const std::string& path) {
  std::ifstream file{path};
  REQUIRE(file.is_open());
  std::vector<std::string> lines;
  for (std::string line; std::getline(file, line);) lines.push_back(line);
  return lines;
}

}  // namespace

TEST_CASE("an event takes no memory once the scratch has grown to it") {
  CompiledPatterns patterns{of_every_kind()};
  const std::vector<std::string> events{
      R"({"a":"xy","l":[{"n":1,"m":"two"},{"n":2.0,"m":"to"}]})",
      R"({"a":"10.0.0.1","l":[{"n":3},{"m":"o"},{"n":2,"m":"two"}],"b":[[1],{"c":2}]})",
      R"({"a":["one \"quoted\" text that is longer than what a string keeps in place","\u00e9y"]})",
      R"({"\u0061":"xxxx-y","l":{"n":1e0,"m":null}})",
      R"({"a":12345678901234567890})",
      "{}"};
  std::vector<std::unique_ptr<JsonDocument>> documents;
  std::vector<Json> parsed;
  for (const std::string& event : events) {
    parsed.push_back(*documents.emplace_back(new JsonDocument)->parse_copy(event));
  }
  std::size_t matched = 0;
  const auto match_all = [&] {
    for (const Json event : parsed) {
      matched += patterns.automaton->match({}, event, patterns.scratch).size();
    }
  };
  const std::uint64_t before = bench::allocation_count();
  match_all();
  const std::uint64_t warm = bench::allocation_count();
  for (int i = 0; i < 10; ++i) match_all();
  CHECK(bench::allocation_count() == warm);
  CHECK(matched > 0);
  if (bench::allocations_are_counted) CHECK(warm > before);
}

TEST_CASE("one scratch serves sets of rules in turn") {
  CompiledPatterns first{{R"({"a":[1]})", R"({"b":[1]})"}};
  CompiledPatterns second{of_every_kind()};
  JsonDocument document;
  const auto event = document.parse_copy(R"({"a":1})");
  for (int i = 0; i < 3; ++i) {
    const auto matched = first.automaton->match({}, *event, first.scratch);
    CHECK(Rules{matched.begin(), matched.end()} == Rules{0});
    CHECK(second.automaton->match({}, *event, first.scratch).front() == 0);
  }
}

TEST_CASE("a rule that matches by several of its branches is found once, in the order of rules") {
  CompiledPatterns patterns{{R"({"z":[{"exists":false}]})",
                             R"({"$or":[{"a":[1]},{"b":[1]},{"a":[{"numeric":["<",3]}]}]})",
                             R"({"a":[1]})"}};
  CHECK(patterns.match(R"({"b":1,"a":1})") == Rules{0, 1, 2});
}

TEST_CASE("conditions that tens of thousands of rules share are kept and looked at once") {
  std::vector<std::string> texts;
  for (int i = 0; i < 20'000; ++i) {
    texts.push_back(fmt::format(R"({{"action":["opened"],"repository":["acme/{}"]}})", i));
  }
  CompiledPatterns patterns{texts};
  CHECK(patterns.automaton->stats().rules == 20'000);
  CHECK(patterns.automaton->stats().conditions == 20'001);
  CHECK(patterns.automaton->stats().fields == 2);
  CHECK(patterns.automaton->stats().bytes < 20'000 * 500);
  CHECK(patterns.match(R"({"action":"opened","repository":"acme/19999"})") == Rules{19'999});
  CHECK(patterns.match(R"({"action":"closed","repository":"acme/19999"})").empty());
}

TEST_CASE("wildcards that no character tells apart are refused, with the rules named") {
  std::vector<std::string> texts{R"({"b":[1]})"};
  for (const std::string& stars : wildcards_alike()) {
    texts.push_back(R"({"f":[{"wildcard":")" + stars + R"("}]})");
  }
  CompiledPatterns patterns{texts};
  REQUIRE(patterns.automaton == nullptr);
  CHECK(patterns.problem.what.find("'f'") != std::string::npos);
  REQUIRE_FALSE(patterns.problem.rules.empty());
  CHECK(patterns.problem.rules.front() != 0);
}

TEST_CASE("a text that repeats what many wildcards look for enters each of them once") {
  CompiledPatterns patterns{std::vector<std::string>(100, R"({"f":[{"wildcard":"*abab*x"}]})")};
  std::string texts = "\"abab\"";
  for (int i = 0; i < 1000; ++i) texts += R"(,"abababababababababababababababababababababababab")";
  CHECK(patterns.match("{\"f\":[" + texts + "]}").empty());
  CHECK(patterns.scratch.hits.size() <= 100);
  CHECK(patterns.match(R"({"f":"ababx"})").size() == 100);
}

TEST_CASE("a pattern that must be searched for too often is refused, and its rule named") {
  const auto load = [](const std::string& list) {
    return load_rules("rules:\n  - name: heavy\n    events: [github]\n    match: {f: [" + list +
                      "]}\n    send: [{to: coder, kind: note}]\n");
  };
  const auto repeated = [](const std::string& text, std::size_t times) {
    std::string list;
    for (std::size_t i = 0; i < times; ++i) list += text;
    return list;
  };
  constexpr std::size_t most = pattern_searches_max;
  CHECK(load("{wildcard: '" + repeated("*a", most) + "'}").rules != nullptr);
  CHECK(load(repeated("{prefix: a}, {suffix: b}, x, ", most + 1) + "z").rules != nullptr);
  CHECK(load(repeated("{equals-ignore-case: abc}, ", most + 1) + "z").rules != nullptr);
  for (const std::string& list :
       {"{wildcard: '" + repeated("*a", most + 1) + "'}",
        repeated("{wildcard: '*a*b'}, ", most / 2) + "{wildcard: '*'}",
        "{anything-but: {wildcard: [" + repeated("'*a*b', ", most / 2) + "'*']}}",
        repeated("{equals-ignore-case: ä}, ", most) + "{prefix: {equals-ignore-case: ö}}"}) {
    const LoadedRules loaded = load(list);
    CHECK(loaded.rules == nullptr);
    REQUIRE(loaded.diagnostics.size() == 1);
    CHECK(loaded.diagnostics[0].code == "too-complex");
    CHECK(loaded.diagnostics[0].line == 4);
    CHECK(loaded.diagnostics[0].message.ends_with(", in heavy"));
  }
}

TEST_CASE("a file of rules that are too complex together is an error that names some of them") {
  std::string yaml = "rules:\n";
  std::size_t number = 0;
  for (const std::string& stars : wildcards_alike()) {
    const std::string name = fmt::format("rule-{}", ++number);
    yaml += fmt::format(
        "  - {{name: {}, events: [github.push], match: {{f: [{{wildcard: '{}'}}]}}, "
        "send: [{{to: reviewer, kind: note}}]}}\n",
        name, stars);
  }
  const LoadedRules loaded = load_rules(yaml);
  CHECK(loaded.rules == nullptr);
  REQUIRE(loaded.diagnostics.size() == 1);
  CHECK(loaded.diagnostics[0].code == "too-complex");
  CHECK(loaded.diagnostics[0].line > 1);
  CHECK(loaded.diagnostics[0].message.find("; most of it in rule-") != std::string::npos);
}

TEST_CASE("rules whose '$or' multiply to too many combinations are refused, the worst first") {
  std::string alternatives;
  for (int i = 0; i < 10; ++i) {
    alternatives +=
        fmt::format(R"({}"$or":[{{"a{}":[1]}},{{"b{}":[1]}}])", i == 0 ? "" : ",", i, i);
  }
  const auto pattern = compile_pattern_text('{' + alternatives + '}');
  const auto small = compile_pattern_text(R"({"a":[1]})");
  REQUIRE((pattern.has_value() && small.has_value()));
  std::vector<AutomatonRule> rules{*small};
  rules.resize(1000, AutomatonRule{*pattern});
  TooComplex problem;
  CHECK(Automaton::compile(rules, problem) == nullptr);
  REQUIRE_FALSE(problem.rules.empty());
  CHECK(problem.rules.front() != 0);
}

TEST_CASE("sets of up to a hundred thousand rules match as the reference says", "[workload]") {
  const auto samples = test::foreign_path("SIGNALBOX_SAMPLES");
  const auto workload = test::foreign_path("SIGNALBOX_MATCH_WORKLOAD");
  if (!samples || !workload) return;
  const auto events = lines_of(*workload + "/payloads.jsonl");
  for (const auto& [set, count] : {std::pair{"exact", 1000},
                                   {"exact", 100'000},
                                   {"wild", 1000},
                                   {"wild", 10'000},
                                   {"full", 10},
                                   {"full", 100},
                                   {"full", 1000},
                                   {"full", 10'000}}) {
    INFO(set << ' ' << count);
    auto texts = lines_of(fmt::format("{}/rules_{}.jsonl", *workload, set));
    texts.resize(static_cast<std::size_t>(count));
    CompiledPatterns patterns{texts};
    const auto wanted =
        lines_of(fmt::format("{}/bench-rules/expected/r_{}_{}.txt", *samples, set, count));
    REQUIRE(wanted.size() == events.size());
    for (std::size_t i = 0; i < events.size(); ++i) {
      CHECK(fmt::format("[{}]", fmt::join(patterns.match(events[i]), ", ")) == wanted[i]);
    }
  }
}
