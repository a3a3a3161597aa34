#include "rules/rule_coverage.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "rules/lint_conditions.hpp"
#include "rules/pattern.hpp"
#include "rules/rule_loader.hpp"

namespace signalbox {
namespace {

Literal object_of(const std::string& path, const Literal& value) {
  Literal object;
  object.kind = JsonKind::object;
  object.fields.push_back({path, value.place, value});
  return object;
}

// The list on its own, or a way with the path that it stands in. Nothing where it is no pattern,
// which the loader would have said.
std::optional<Pattern> pattern_of(const std::string& path, const Literal& value) {
  PatternProblems ignored;
  return Pattern::compile(path.empty() ? value : object_of(path, value), ignored);
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
  std::vector<std::optional<EventPattern>> events;  // of the parts behind the rule itself
  std::vector<std::optional<Pattern>> patterns;     // of the parts behind those

  explicit Tracked(const WrittenRule& rule) {
    coverage.rule = rule.info.name;
    coverage.file = rule.info.file;
    coverage.line = rule.info.line;
    add(CoveredPart::Kind::rule, rule.info.name, rule.place);
    for (const PlacedText& event : rule.events) {
      add(CoveredPart::Kind::event_type, event.text, event.place);
      auto parsed = EventPattern::parse(event.text);
      events.push_back(parsed ? std::optional{std::move(*parsed)} : std::nullopt);
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

  void exercise(const Event& event, bool matched) {
    ++coverage.tests;
    see(coverage.parts[0], matched);
    bool wanted = false;
    for (std::size_t i = 0; i < events.size(); ++i) {
      const bool covers = events[i] && events[i]->covers(event.type);
      see(coverage.parts[1 + i], covers);
      wanted = wanted || covers;
    }
    if (!wanted) return;  // the conditions are not looked at
    for (std::size_t i = 0; i < patterns.size(); ++i) {
      see(coverage.parts[1 + events.size() + i], patterns[i] && patterns[i]->matches(event.body));
    }
  }

  static void see(CoveredPart& part, bool held) noexcept {
    part.held = part.held || held;
    part.failed = part.failed || !held;
  }
};

CoverageRecorder::CoverageRecorder(std::span<const RuleFile> files, const Recipients& recipients) {
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
  rule->second->exercise(event,
                         std::ranges::find(decision.matched, test.rule) != decision.matched.end());
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
