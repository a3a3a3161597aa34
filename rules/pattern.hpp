// Event patterns, as aws/event-ruler 2.0.1 defines them: compiled from YAML or JSON, evaluated
// against the body of an event. This interpreter looks at one pattern at a time.
// https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-event-patterns.html
//
// A compiled pattern is immutable: any number of threads may evaluate it at once.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "event/json.hpp"
#include "rules/pattern_problem.hpp"
#include "rules/value_test.hpp"

namespace signalbox {

// `$or` multiplies: a pattern is kept as the list of its ways to match.
inline constexpr std::size_t pattern_branches_max = 1024;
inline constexpr std::size_t pattern_fields_max = 256;    // of one branch
inline constexpr std::size_t pattern_tests_max = 65'536;  // of the whole pattern

// One field's list: any of the tests, or absence.
struct FieldCondition {
  std::string path;    // "pull_request.draft"; a dot within a key counts as nesting
  std::string source;  // the list, as JSON
  std::vector<ValueTest> tests;
  bool absent = false;
};

// What one branch got to. Of a pattern's branches the one with the most fields passed is reported.
struct MatchTrace {
  std::size_t passed = 0;
  std::string path;      // of the first condition that failed; empty when the pattern matched
  std::string expected;  // its list, as JSON
  std::string actual;    // the values that it saw, cut; "(missing)" where there are none
};

// One way to match: all of these hold. In the order in which they were written, one for a path.
using PatternBranch = std::vector<std::shared_ptr<const FieldCondition>>;

// Equal conditions of many patterns are kept once. Not thread-safe; patterns outlive it.
class ConditionPool {
 public:
  std::shared_ptr<const FieldCondition> one_of(FieldCondition condition);

 private:
  std::unordered_map<std::string, std::shared_ptr<const FieldCondition>> known_;
};

class Pattern {
 public:
  Pattern() = default;  // without conditions: every event matches

  // What is wrong is added to `problems`, everything at once; nothing is returned then. `source`
  // must be an object.
  static std::optional<Pattern> compile(const Literal& source, PatternProblems& problems,
                                        ConditionPool* pool = nullptr);

  // `event` must be an object. Time is bounded by the event's size times the number of conditions.
  bool matches(Json event, MatchTrace* trace = nullptr) const;

  // Any of them; none: every event matches.
  std::span<const PatternBranch> branches() const noexcept { return branches_; }

 private:
  friend class PatternCompiler;
  std::vector<PatternBranch> branches_;
};

// What the reference does with JSON text, for `signalbox eval` and tests: `$or` in a place where it
// is no operator is then a field's name, and text behind the pattern's closing brace is ignored.
Result<Pattern> compile_pattern_text(std::string_view json, ConditionPool* pool = nullptr);

enum class PatternAnswer : std::uint8_t { no_match, match, invalid_pattern, invalid_event };

// Whether the text is a pattern that a rule may have: `$or` is an operator and nothing else.
bool check_pattern_text(std::string_view json);

// Text against text. An event is one JSON object and nothing else.
PatternAnswer answer_pattern(std::string_view pattern, std::string_view event);

}  // namespace signalbox
