// All rules of a set as one automaton: an event is walked once, its values are looked up, and only
// rules that are reached through a condition that holds are looked at further. So the cost of an
// event hardly depends on the number of rules. There is no other evaluator: an explanation goes
// over what a match has worked out. A naive interpreter, which tests alone have, holds it to its
// answers.
//
// Immutable: any number of threads may match at once, each with its own MatchScratch.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "rules/automaton/access_index.hpp"
#include "rules/automaton/automaton_stats.hpp"
#include "rules/automaton/branch_program.hpp"
#include "rules/automaton/condition_table.hpp"
#include "rules/automaton/field_trie.hpp"
#include "rules/automaton/match_scratch.hpp"
#include "rules/pattern/event_pattern.hpp"
#include "rules/pattern/pattern.hpp"

namespace signalbox {

// What a set of rules may come to. Tests give lower ones.
struct AutomatonLimits {
  std::size_t branches_max = 1'000'000;
  std::size_t conditions_max = 8'000'000;  // of branches, shared ones counted each time
  // Wildcards of one field that share all of their grams, and tests that no index serves: each is
  // tried for every value that may match.
  std::size_t tried_conditions_max = 2'000;
};

struct AutomatonRule {
  AutomatonRule(const Pattern& pattern_wanted, std::span<const EventPattern> types_wanted = {})
      : pattern{&pattern_wanted}, types{types_wanted} {}

  const Pattern* pattern;
  std::span<const EventPattern> types;  // any of them; none: events of every type
};

// Why rules cannot be matched at a bounded cost.
struct TooComplex {
  std::string what;
  std::vector<std::uint32_t> rules;  // those that contribute most, at most a few
};

// Where one branch of a rule ended that does not hold.
struct TracedBranch {
  std::size_t branch = 0;     // of the rule's pattern
  std::size_t passed = 0;     // conditions that held before the one that failed
  std::size_t condition = 0;  // that failed first, in the order as written
  std::string path;           // its field
  std::string expected;       // its list, as JSON
  std::string actual;         // the values that it saw, cut; "(missing)" where there are none
};

inline constexpr std::size_t traced_branches_max = 20;

// What explains one rule's answer to one event: the branch of the rule that passed the most
// conditions, the first of equals.
struct MatchTrace {
  bool wanted = true;  // the event's type is one of the rule's; if not, nothing else is said
  bool matched = false;
  std::size_t passed = 0;    // conditions that held before the one that failed; if matched, all
  std::string path;          // of the condition that failed first, in the order as written
  std::string expected;      // its list, as JSON
  std::string actual;        // the values that it saw, cut; "(missing)" where there are none
  std::size_t furthest = 0;  // in `branches`
  std::vector<TracedBranch> branches;  // where none holds: the first of them, and the furthest
};

class Automaton {
 public:
  // Null, and the reason, where a limit is met. Rules are numbered as they stand. Nothing given is
  // needed afterwards, except that conditions are shared with the patterns.
  static std::shared_ptr<const Automaton> compile(std::span<const AutomatonRule> rules,
                                                  TooComplex& problem,
                                                  const AutomatonLimits& limits = {});

  // The numbers of the rules that match, ascending; valid until the scratch is used again. `event`
  // must be an object.
  std::span<const std::uint32_t> match(std::string_view type, Json event,
                                       MatchScratch& scratch) const;

  // Why one rule matched or did not. `event` and `scratch` are those of the last match, whose
  // answer stays valid. It costs about what the rule has conditions; a match knows nothing of it.
  MatchTrace trace(std::uint32_t rule, Json event, MatchScratch& scratch) const;

  const AutomatonStats& stats() const noexcept { return stats_; }

 private:
  friend class AutomatonBuilder;
  using Condition = ConditionTable::Condition;

  struct BranchRow {
    std::uint32_t rule;
    std::uint32_t conditions_begin;  // in `branch_conditions_`: by path, the event's type left out
    std::uint32_t conditions_end;
  };

  struct BranchEnd;

  Automaton();
  void fit(MatchScratch& scratch) const;
  void enter(Condition condition, MatchScratch& scratch) const;
  void found(BranchProgram::Branch branch, MatchScratch& scratch) const;
  // Whether conditions that all hold, arrays left aside, hold in one choice of elements.
  bool consistent(std::span<const Condition> conditions, MatchScratch& scratch) const {
    if (!scratch.fields.any_in_arrays() || conditions.empty()) return true;
    return ElementChoice{table_, scratch}.find(conditions);
  }
  std::span<const BranchRow> branches_of(std::uint32_t rule) const;
  std::span<const Condition> conditions_of(const BranchRow& row) const {
    return std::span{branch_conditions_}.subspan(row.conditions_begin,
                                                 row.conditions_end - row.conditions_begin);
  }
  BranchEnd follow(const BranchRow& branch, MatchScratch& scratch) const;
  TracedBranch told(const BranchEnd& end, Json event, MatchScratch& scratch) const;

  std::uint64_t id_;  // unlike that of any other
  ConditionTable table_;
  FieldTrie trie_;
  AccessIndex access_;
  BranchProgram program_;
  std::vector<BranchProgram::Range> program_of_;  // by condition
  std::vector<Condition> on_absence_;  // conditions of access that hold where a field is not there
  std::vector<BranchProgram::Branch> unconditional_;
  std::vector<BranchRow> branches_;  // by rule
  std::vector<Condition> branch_conditions_;
  // What only a trace needs: the place of each of these conditions in its branch as written, and
  // each rule's condition on the event's type, or none.
  std::vector<std::uint8_t> written_at_;
  std::vector<Condition> type_of_rule_;
  AutomatonStats stats_;
};

}  // namespace signalbox
