#include "rules/rule_coverage.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cassert>

#include "rules/automaton/automaton.hpp"
#include "rules/pattern/written_condition.hpp"
#include "rules/rule_loader.hpp"

namespace signalbox {
namespace {

Literal object_of(const std::string& path, const Literal& value) {
  Literal object;
  object.kind = JsonKind::object;
  object.fields.push_back({path, value.place, value});
  return object;
}

// The list on its own, or a way with the path that it stands in. The rule's pattern, of which it is
// a part, was compiled before.
Pattern pattern_of(const std::string& path, const Literal& value) {
  PatternProblems problems;
  auto pattern = Pattern::compile(path.empty() ? value : object_of(path, value), problems);
  assert(pattern);
  return pattern ? std::move(*pattern) : Pattern{};
}

}  // namespace

std::size_t CoveredPart::covered() const noexcept {
  return (held ? 1U : 0U) + (failed && outcomes() == 2 ? 1U : 0U);
}

std::string_view to_string(CoveredPart::Kind kind) noexcept {
  switch (kind) {
    case CoveredPart::Kind::event_type:
      return "event_type";
    case CoveredPart::Kind::condition:
      return "condition";
    case CoveredPart::Kind::way:
      return "way";
    case CoveredPart::Kind::rule:
      break;
  }
  return "rule";
}

struct CoverageRecorder::Tracked {
  RuleCoverage coverage;
  // The parts that the rule consists of: its event types, then what the body is asked for.
  std::vector<EventPattern> events;
  std::vector<Pattern> patterns;
  std::shared_ptr<const Automaton> parts;  // made for the first test: most rules may have none

  explicit Tracked(const WrittenRule& rule) {
    coverage.rule = rule.info.name;
    coverage.file = rule.info.file;
    coverage.line = rule.info.line;
    add(CoveredPart::Kind::rule, rule.info.name, rule.place);
    for (const PlacedText& event : rule.events) {
      add(CoveredPart::Kind::event_type, event.text, event.place);
      if (auto parsed = EventPattern::parse(event.text)) events.push_back(std::move(*parsed));
    }
    if (!rule.match) return;
    for (const WrittenCondition& condition : conditions_of(*rule.match)) {
      add(CoveredPart::Kind::condition,
          fmt::format("{} {}", condition.path, to_json(condition.field->value)),
          condition.field->place);
      patterns.push_back(pattern_of(condition.path, condition.field->value));
    }
    for (const WrittenWay& way : ways_of(*rule.match)) {
      add(CoveredPart::Kind::way, to_json(*way.pattern), way.pattern->place);
      patterns.push_back(pattern_of(way.path, *way.pattern));
    }
  }

  void add(CoveredPart::Kind kind, std::string text, Place place) {
    coverage.parts.push_back({kind, std::move(text), place.line, place.column, false, false});
  }

  // Each part as a rule of its own. No limit of an automaton is met by what one rule may have.
  void compile() {
    const Pattern anything;
    std::vector<AutomatonRule> rules;
    for (const EventPattern& event : events) rules.emplace_back(anything, std::span{&event, 1});
    for (const Pattern& pattern : patterns) rules.emplace_back(pattern);
    TooComplex problem;
    parts = Automaton::compile(rules, problem);
    assert(parts);
  }

  void exercise(const Event& event, bool matched, MatchScratch& scratch) {
    ++coverage.tests;
    see(coverage.parts[0], matched);
    if (!parts) compile();
    const auto held = parts->match(event.type, event.body, scratch);
    const bool wanted = !held.empty() && held.front() < events.size();
    // The conditions are not looked at in an event that the rule does not want.
    const std::size_t count = events.size() + (wanted ? patterns.size() : 0);
    for (std::uint32_t part = 0; part < count; ++part) {
      see(coverage.parts[1 + part], std::ranges::binary_search(held, part));
    }
  }

  static void see(CoveredPart& part, bool held) noexcept {
    part.held = part.held || held;
    part.failed = part.failed || !held;
  }
};

CoverageRecorder::CoverageRecorder(std::span<const RuleFile> files, const Recipients& recipients)
    : scratch_{std::make_unique<MatchScratch>()} {
  std::vector<Diagnostic> ignored;
  std::vector<WrittenRule> written;
  RuleLoader loader{recipients, ignored, &written};
  for (const RuleFile& file : files) loader.load(file);
  for (const WrittenRule& rule : written) {
    rules_.push_back(std::make_unique<Tracked>(rule));
    by_name_.emplace(rule.info.name, rules_.back().get());
  }
}

CoverageRecorder::~CoverageRecorder() = default;

void CoverageRecorder::add(const RuleTest& test, const Event& event, const Decision& decision) {
  const auto rule = by_name_.find(test.rule);
  if (rule == by_name_.end()) return;
  const bool matched = std::ranges::find(decision.matched, test.rule) != decision.matched.end();
  rule->second->exercise(event, matched, *scratch_);
}

std::vector<RuleCoverage> CoverageRecorder::coverage() const {
  std::vector<RuleCoverage> all;
  for (const auto& tracked : rules_) all.push_back(tracked->coverage);
  return all;
}

CoverageTotal total_of(std::span<const RuleCoverage> rules) noexcept {
  CoverageTotal total;
  for (const RuleCoverage& rule : rules) {
    for (const CoveredPart& part : rule.parts) {
      total.outcomes += part.outcomes();
      total.covered += part.covered();
    }
  }
  return total;
}

}  // namespace signalbox
