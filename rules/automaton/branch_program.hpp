// What remains to be looked at once a branch was reached: per condition of access a tree of its
// branches' other conditions, so that what many branches share is looked at once, and one look
// leaves out all branches that it contradicts. Flat: a step that fails says where to go on.
//
// Immutable once built, thread-safe then.
#pragma once

#include <boost/unordered/unordered_flat_map.hpp>

#include <cassert>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "rules/automaton/condition_table.hpp"
#include "rules/automaton/match_scratch.hpp"

namespace signalbox {

class BranchProgram {
 public:
  using Condition = ConditionTable::Condition;
  using Branch = std::uint32_t;
  struct Range {
    std::uint32_t begin = 0;
    std::uint32_t end = 0;
  };

  // Calls `found` with each branch whose conditions all hold, arrays left aside; perhaps more than
  // once. Recursion is bounded by the number of fields of a branch.
  template <class Found>
  void run(Range range, const ConditionTable& table, MatchScratch& scratch,
           const Found& found) const {
    assert(range.end <= steps_.size());
    for (std::uint32_t at = range.begin; at < range.end;) {
      const Step& step = steps_[at];
      if (step.condition == ConditionTable::none) {
        found(step.target);
        ++at;
      } else if ((step.condition & switch_mark) == 0) {
        at = table.holds(step.condition, scratch) ? at + 1 : step.target;
      } else {
        run_cases(step.condition & ~switch_mark, table, scratch, found);
        at = step.target;
      }
    }
  }
  std::size_t bytes() const noexcept {
    return steps_.capacity() * sizeof(Step) + case_steps_.capacity() * sizeof(std::uint32_t) +
           switch_fields_.capacity() * sizeof(FieldTrie::Field) +
           cases_.bucket_count() * sizeof(std::pair<std::uint64_t, Range>);
  }

 private:
  friend class ProgramBuilder;
  // A step is of one of three kinds, by `condition`: a condition; none, where a branch was found;
  // or a switch, which leads from a value's symbol to the conditions that have it.
  struct Step {
    Condition condition;
    std::uint32_t target;  // where to go on when it does not hold, or behind it; or the branch
  };
  static constexpr Condition switch_mark = 0x80000000;

  static std::uint64_t case_of(std::uint32_t number, SymbolTable::Symbol symbol) noexcept {
    return std::uint64_t{number} << 32 | symbol;
  }

  template <class Found>
  void run_cases(std::uint32_t number, const ConditionTable& table, MatchScratch& scratch,
                 const Found& found) const {
    const std::int32_t first = scratch.fields.look(switch_fields_[number]).first;
    for (std::int32_t i = first; i >= 0; i = scratch.fields.value(i).next) {
      const auto entry = cases_.find(case_of(number, table.symbol_of(scratch.fields.value(i))));
      if (entry == cases_.end()) continue;
      for (std::uint32_t at = entry->second.begin; at < entry->second.end; ++at) {
        const Step& step = steps_[case_steps_[at]];
        scratch.know(step.condition, true);
        run({case_steps_[at] + 1, step.target}, table, scratch, found);
      }
    }
  }

  std::vector<Step> steps_;
  std::vector<FieldTrie::Field> switch_fields_;
  std::vector<std::uint32_t> case_steps_;                  // where a case's conditions stand
  boost::unordered_flat_map<std::uint64_t, Range> cases_;  // ranges of `case_steps_`
};

// A branch and what remains of it to be looked at.
struct OpenBranch {
  BranchProgram::Branch branch;
  std::vector<BranchProgram::Condition> conditions;
};

class ProgramBuilder {
 public:
  // `chances`: by condition, how likely it holds.
  ProgramBuilder(BranchProgram& program, const ConditionTable& table,
                 std::span<const float> chances)
      : program_{program}, table_{table}, chances_{chances} {}

  // Each call adds one range. The branches are used up.
  BranchProgram::Range build(std::span<OpenBranch> branches);
  void seal();

 private:
  void emit(std::span<OpenBranch> branches);
  void emit_groups(std::span<OpenBranch> branches);
  void emit_switch(std::span<OpenBranch> branches);
  template <class Added>
  void emit_checks(std::span<OpenBranch> branches, const Added& added);
  bool is_case(BranchProgram::Condition condition) const;
  void emit_one(OpenBranch& branch);
  FieldTrie::Field telling_field(std::span<const OpenBranch> branches);
  std::uint32_t here() const { return static_cast<std::uint32_t>(program_.steps_.size()); }

  BranchProgram& program_;
  const ConditionTable& table_;
  std::span<const float> chances_;
  std::vector<std::pair<FieldTrie::Field, float>> gains_;
  std::vector<std::pair<std::uint64_t, std::uint32_t>> cases_;  // case -> step
};

}  // namespace signalbox
