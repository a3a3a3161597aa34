// Event patterns, as aws/event-ruler 2.0.1 defines them: read from YAML or JSON, checked, and taken
// apart into ways to match. rules/automaton/automaton.hpp evaluates them.
// https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-event-patterns.html
//
// A compiled pattern is immutable: any number of threads may use it at once.
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
#include "rules/pattern/value_test.hpp"
#include "rules/source/literal.hpp"

namespace signalbox {

// What is wrong with a pattern, and where. The place is that of the pattern's source; a pattern
// that was JSON text has none.
struct PatternProblem {
  Place place;
  std::string code;     // stable: "unknown-operator", "wrong-operand", ...
  std::string message;  // one line, lower case, no full stop
};
using PatternProblems = std::vector<PatternProblem>;

// The one key that is no field: a list of patterns, any of them.
inline constexpr std::string_view or_key = "$or";

// `$or` multiplies: a pattern is kept as the list of its ways to match.
inline constexpr std::size_t pattern_branches_max = 1024;
inline constexpr std::size_t pattern_fields_max = 256;    // of one branch
inline constexpr std::size_t pattern_tests_max = 65'536;  // of the whole pattern
// `*` of all of its wildcards, and texts in any letter case that are not ASCII: no index answers
// for them, each may be searched for in each value.
inline constexpr std::size_t pattern_searches_max = 1'000;

// One field's list: any of the tests, or absence.
struct FieldCondition {
  std::string path;    // "pull_request.draft"; a dot within a key counts as nesting
  std::string source;  // the list, as JSON
  std::vector<ValueTest> tests;
  bool absent = false;
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

// How a pattern is read.
enum class PatternReading : std::uint8_t {
  reference,  // as aws/event-ruler reads it: of two lists for one field the later counts
  strict,     // as a rule's: that is an error, and so is what can only be a mistake
};

class Pattern {
 public:
  Pattern() = default;  // without conditions: every event matches

  // What is wrong is added to `problems`, everything at once; nothing is returned then. `source`
  // must be an object.
  static std::optional<Pattern> compile(const Literal& source, PatternProblems& problems,
                                        ConditionPool* pool = nullptr,
                                        PatternReading reading = PatternReading::reference);

  // Any of them; none: every event matches.
  std::span<const PatternBranch> branches() const noexcept { return branches_; }

  // Where the fields of a branch's conditions stand in the source, in their order.
  std::span<const Place> places(std::size_t branch) const noexcept { return places_[branch]; }

 private:
  friend class PatternCompiler;
  std::vector<PatternBranch> branches_;
  std::vector<std::vector<Place>> places_;  // of each
};

// What the reference does with JSON text, for `signalbox eval` and tests: `$or` in a place where it
// is no operator is then a field's name, and text behind the pattern's closing brace is ignored.
Result<Pattern> compile_pattern_text(std::string_view json, ConditionPool* pool = nullptr);

// Whether the text is a pattern that a rule may have: `$or` is an operator and nothing else.
bool check_pattern_text(std::string_view json);

}  // namespace signalbox
