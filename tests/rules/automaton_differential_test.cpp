// The automaton against the interpreter, which looks at one pattern at a time: on random rules and
// events they must always agree. What fails is shrunk until nothing can be left out.
//
// SIGNALBOX_DIFFERENTIAL_SETS: how many sets of rules are tried (each with several events);
// SIGNALBOX_DIFFERENTIAL_SEED repeats a run.
#include <catch2/catch.hpp>

#include <cstdlib>
#include <functional>

#include "random_patterns.hpp"
#include "rules/automaton.hpp"

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

  std::vector<std::uint32_t> naively(const std::string& type, Json event) const {
    std::vector<std::uint32_t> matched;
    for (std::uint32_t i = 0; i < patterns_.size(); ++i) {
      const bool covered =
          types_[i].empty() || std::any_of(types_[i].begin(), types_[i].end(),
                                           [&](const auto& known) { return known.covers(type); });
      if (covered && patterns_[i].matches(event)) matched.push_back(i);
    }
    return matched;
  }
  std::vector<std::uint32_t> by_automaton(const std::string& type, Json event,
                                          MatchSpace& space) const {
    const auto matched = automaton_->match(type, event, space);
    return {matched.begin(), matched.end()};
  }
  std::size_t size() const { return patterns_.size(); }

 private:
  std::vector<Pattern> patterns_;
  std::vector<std::vector<EventPattern>> types_;
  std::shared_ptr<const Automaton> automaton_;
};

std::string numbers(const std::vector<std::uint32_t>& rules) {
  std::string out = "[";
  for (const std::uint32_t rule : rules) out += ' ' + std::to_string(rule);
  return out + " ]";
}

// How the two differ; empty where they agree.
std::string difference(const DifferentialCase& tried) {
  const CompiledCase compiled{tried.rules};
  JsonDocument document;
  const auto event = document.parse_copy(tried.event.text());
  if (!event || !event->is(JsonKind::object)) return {};
  MatchSpace space;
  const auto wanted = compiled.naively(tried.type, *event);
  const auto got = compiled.by_automaton(tried.type, *event, space);
  return wanted == got ? "" : "interpreter " + numbers(wanted) + ", automaton " + numbers(got);
}

// Leaves out one part of a tree after the other, as long as the case still fails.
bool shrink_tree(SpelledJson& tree, const std::function<bool()>& still_fails) {
  bool shrunk = false;
  const auto leave_out = [&](auto& list) {
    for (std::size_t i = list.size(); i-- > 0;) {
      const auto before = list;
      list.erase(list.begin() + static_cast<std::ptrdiff_t>(i));
      if (still_fails()) {
        shrunk = true;
      } else {
        list = before;
      }
    }
  };
  leave_out(tree.fields);
  leave_out(tree.elements);
  for (auto& [key, value] : tree.fields) shrunk = shrink_tree(value, still_fails) || shrunk;
  for (SpelledJson& element : tree.elements) shrunk = shrink_tree(element, still_fails) || shrunk;
  return shrunk;
}

DifferentialCase shrink(DifferentialCase failing) {
  const auto still_fails = [&] { return !difference(failing).empty(); };
  for (bool again = true; again;) {
    again = false;
    for (std::size_t i = failing.rules.size(); i-- > 0;) {
      const auto before = failing.rules;
      failing.rules.erase(failing.rules.begin() + static_cast<std::ptrdiff_t>(i));
      if (still_fails()) {
        again = true;
      } else {
        failing.rules = before;
      }
    }
    for (RandomRule& rule : failing.rules) again = shrink_tree(rule.pattern, still_fails) || again;
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

TEST_CASE("the automaton finds exactly the rules that the interpreter finds") {
  const auto sets = number_from("SIGNALBOX_DIFFERENTIAL_SETS", 3000);
  auto seed = number_from("SIGNALBOX_DIFFERENTIAL_SEED", std::random_device{}());
  MatchSpace space;
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
      matches += wanted.size();
      if (compiled.by_automaton(type, *parsed, space) == wanted) continue;
      const DifferentialCase least = shrink({rules, event, type});
      FAIL("SIGNALBOX_DIFFERENTIAL_SEED=" << seed << "\n"
                                          << least.shown() << "\n"
                                          << difference(least));
    }
  }
  CHECK(comparisons > sets * 10);
  CHECK(matches * 100 > comparisons);
}
