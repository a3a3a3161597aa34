// The automaton against the interpreter, which looks at one pattern at a time: on random rules and
// events they must always agree, on what matches and on why the rest does not. What fails is shrunk
// until nothing can be left out.
//
// SIGNALBOX_DIFFERENTIAL_SETS: how many sets of rules are tried (each with several events);
// SIGNALBOX_DIFFERENTIAL_SEED repeats a run.
#include <fmt/format.h>
#include <catch2/catch.hpp>

#include <cstdlib>
#include <functional>

#include "rules/automaton/automaton.hpp"
#include "tests/rules/automaton/interpreter.hpp"
#include "tests/rules/automaton/random_patterns.hpp"

using namespace signalbox;

namespace {

constexpr std::array type_patterns{
    "github", "github.push", "github.pu*", "github.issues.opened", "*.*.opened", "linear"};
constexpr std::array event_types{"github.push", "github.issues.opened", "linear.issue.create",
                                 "github"};

struct RandomRule {
  SpelledJson pattern;
  std::vector<std::string> types;
};

struct DifferentialCase {
  std::vector<RandomRule> rules;
  SpelledJson event;
  std::string type;

  std::string shown() const {
    std::string out;
    for (const RandomRule& rule : rules) {
      for (const std::string& type_wanted : rule.types) out += type_wanted + ' ';
      out += rule.pattern.text() + '\n';
    }
    return out + "event " + type + ' ' + event.text();
  }
};

constexpr auto not_wanted = "not wanted";

std::string shown(const Interpretation& answer) {
  if (answer.matched()) return fmt::format("matched, {} passed", answer.passed);
  return fmt::format("{} passed, then {} {}", answer.passed, answer.failed->path,
                     answer.failed->source);
}

std::string shown(const MatchTrace& trace) {
  if (trace.matched) return fmt::format("matched, {} passed", trace.passed);
  return fmt::format("{} passed, then {} {}", trace.passed, trace.path, trace.expected);
}

// A case made ready to be matched. Patterns that are none match nothing.
class CompiledCase {
 public:
  explicit CompiledCase(const std::vector<RandomRule>& rules) {
    ConditionPool pool;
    for (const RandomRule& rule : rules) {
      auto compiled = compile_pattern_text(rule.pattern.text(), &pool);
      if (!compiled) continue;
      patterns_.push_back(std::move(*compiled));
      auto& types = types_.emplace_back();
      for (const std::string& type : rule.types) types.push_back(*EventPattern::parse(type));
    }
    std::vector<AutomatonRule> given;
    for (std::size_t i = 0; i < patterns_.size(); ++i) given.emplace_back(patterns_[i], types_[i]);
    TooComplex problem;
    automaton_ = Automaton::compile(given, problem);
    REQUIRE(automaton_ != nullptr);
  }

  // One line a rule: whether it matches, and if not, why. Nothing of those that do not want the
  // event.
  std::vector<std::string> naively(const std::string& type, Json event) const {
    std::vector<std::string> answers;
    for (std::size_t i = 0; i < patterns_.size(); ++i) {
      const bool wanted =
          types_[i].empty() || std::any_of(types_[i].begin(), types_[i].end(),
                                           [&](const auto& known) { return known.covers(type); });
      answers.push_back(wanted ? shown(interpret(patterns_[i], event)) : not_wanted);
    }
    return answers;
  }
  std::vector<std::string> by_automaton(const std::string& type, Json event,
                                        MatchScratch& scratch) const {
    const auto matched = automaton_->match(type, event, scratch);
    std::vector<std::string> answers;
    for (std::uint32_t i = 0; i < patterns_.size(); ++i) {
      const MatchTrace trace = automaton_->trace(i, event, scratch);
      CHECK(trace.matched == std::binary_search(matched.begin(), matched.end(), i));
      answers.push_back(trace.wanted ? shown(trace) : not_wanted);
    }
    return answers;
  }
  std::size_t size() const { return patterns_.size(); }

 private:
  std::vector<Pattern> patterns_;
  std::vector<std::vector<EventPattern>> types_;
  std::shared_ptr<const Automaton> automaton_;
};

// How the two differ; empty where they agree.
std::string difference(const DifferentialCase& tried) {
  const CompiledCase compiled{tried.rules};
  JsonDocument document;
  const auto event = document.parse_copy(tried.event.text());
  if (!event || !event->is(JsonKind::object)) return {};
  MatchScratch scratch;
  const auto wanted = compiled.naively(tried.type, *event);
  const auto got = compiled.by_automaton(tried.type, *event, scratch);
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    if (wanted[i] == got[i]) continue;
    return fmt::format("rule {}: interpreter: {}; automaton: {}", i, wanted[i], got[i]);
  }
  return {};
}

// Leaves out one entry of a list after the other, as long as the case still fails.
template <class List>
bool leave_out_of(List& list, const std::function<bool()>& still_fails) {
  bool shrunk = false;
  for (std::size_t i = list.size(); i-- > 0;) {
    const List before = list;
    list.erase(list.begin() + static_cast<std::ptrdiff_t>(i));
    if (still_fails()) {
      shrunk = true;
    } else {
      list = before;
    }
  }
  return shrunk;
}

bool shrink_tree(SpelledJson& tree, const std::function<bool()>& still_fails) {
  bool shrunk = leave_out_of(tree.fields, still_fails);
  shrunk = leave_out_of(tree.elements, still_fails) || shrunk;
  for (auto& [key, value] : tree.fields) shrunk = shrink_tree(value, still_fails) || shrunk;
  for (SpelledJson& element : tree.elements) shrunk = shrink_tree(element, still_fails) || shrunk;
  return shrunk;
}

DifferentialCase shrink(DifferentialCase failing) {
  const auto still_fails = [&] { return !difference(failing).empty(); };
  for (bool again = true; again;) {
    again = leave_out_of(failing.rules, still_fails);
    for (RandomRule& rule : failing.rules) {
      again = leave_out_of(rule.types, still_fails) || again;
      again = shrink_tree(rule.pattern, still_fails) || again;
    }
    again = shrink_tree(failing.event, still_fails) || again;
  }
  return failing;
}

unsigned long number_from(const char* variable, unsigned long otherwise) {
  const char* text = std::getenv(variable);
  return text == nullptr ? otherwise : std::strtoul(text, nullptr, 10);
}

std::vector<RandomRule> random_rules(RandomJson& random) {
  std::vector<RandomRule> rules(1 + random.below(random.below(10) == 0 ? 60 : 10));
  for (RandomRule& rule : rules) {
    rule.pattern = random.pattern();
    for (unsigned i = random.below(3); i > 0; --i) {
      rule.types.push_back(type_patterns[random.below(type_patterns.size())]);
    }
  }
  return rules;
}

}  // namespace

TEST_CASE(
    "the automaton finds the rules that the interpreter finds, and fails the others where it "
    "does") {
  const auto sets = number_from("SIGNALBOX_DIFFERENTIAL_SETS", 3000);
  auto seed = number_from("SIGNALBOX_DIFFERENTIAL_SEED", std::random_device{}());
  MatchScratch scratch;
  JsonDocument document;
  std::size_t comparisons = 0;
  std::size_t matches = 0;
  for (unsigned long set = 0; set < sets; ++set, ++seed) {
    RandomJson random{static_cast<unsigned>(seed)};
    const auto rules = random_rules(random);
    const CompiledCase compiled{rules};
    for (int i = 0; i < 6; ++i) {
      const SpelledJson event = random.event();
      const std::string type = event_types[random.below(event_types.size())];
      const auto parsed = document.parse_copy(event.text());
      REQUIRE(parsed.has_value());
      const auto wanted = compiled.naively(type, *parsed);
      comparisons += compiled.size();
      matches += static_cast<std::size_t>(std::ranges::count_if(
          wanted, [](const auto& line) { return line.starts_with("matched"); }));
      if (compiled.by_automaton(type, *parsed, scratch) == wanted) continue;
      const DifferentialCase least = shrink({rules, event, type});
      FAIL("SIGNALBOX_DIFFERENTIAL_SEED=" << seed << "\n"
                                          << least.shown() << "\n"
                                          << difference(least));
    }
  }
  CHECK(comparisons > sets * 10);
  CHECK(matches * 100 > comparisons);
}
