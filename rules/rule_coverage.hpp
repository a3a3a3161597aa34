// What the tests of rules exercise: each event type of `events`, each condition of `match`, each
// way of `$or` and the rule itself, both ways where there are two: held and did not hold.
// Conditions are evaluated by the matcher of the gateway. Not thread-safe.
#pragma once

#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "event/event.hpp"
#include "rules/rule_set.hpp"

namespace signalbox {

struct MatchScratch;

// Something that tests can exercise.
struct CoveredPart {
  enum class Kind : std::uint8_t { rule, event_type, condition, way };

  Kind kind = Kind::rule;
  std::string text;  // "github.push", "pull_request.draft [false]"; of the rule its name
  int line = 0;
  int column = 0;
  bool held = false;
  bool failed = false;  // did not hold; nothing is expected of an event type

  std::size_t outcomes() const noexcept { return kind == Kind::event_type ? 1 : 2; }
  std::size_t covered() const noexcept;
};

std::string_view to_string(CoveredPart::Kind kind) noexcept;

struct RuleCoverage {
  std::string rule;
  std::string file;
  int line = 0;
  std::size_t tests = 0;  // that became events
  std::vector<CoveredPart> parts;
};

class CoverageRecorder {
 public:
  // The files must load without errors.
  CoverageRecorder(std::span<const RuleFile> files, const Recipients& recipients);
  ~CoverageRecorder();
  CoverageRecorder(const CoverageRecorder&) = delete;
  CoverageRecorder& operator=(const CoverageRecorder&) = delete;

  // What the event of one of the rule's tests exercised.
  void add(const RuleTest& test, const Event& event, const Decision& decision);

  // In the order of the files.
  std::vector<RuleCoverage> coverage() const;

 private:
  struct Tracked;
  std::unique_ptr<MatchScratch> scratch_;
  std::vector<std::unique_ptr<Tracked>> rules_;
  std::map<std::string, Tracked*, std::less<>> by_name_;
};

// How many outcomes were seen. The percentage is whole, rounded down, and 100 where there are none.
struct CoverageTotal {
  std::size_t outcomes = 0;
  std::size_t covered = 0;
  std::size_t percent() const noexcept { return outcomes == 0 ? 100 : covered * 100 / outcomes; }
};
CoverageTotal total_of(std::span<const RuleCoverage> rules) noexcept;

}  // namespace signalbox
