// What remains to be looked at once a branch was reached: per condition of access a tree of its
// branches' other conditions, so that what many branches share is looked at once, and one look
// leaves out all branches that it contradicts. Flat: a step that fails says where to go on.
//
// Immutable once built, thread-safe then.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "rules/condition_table.hpp"

namespace signalbox {

class BranchProgram {
 public:
  using Condition = ConditionTable::Condition;
  using Branch = std::uint32_t;
  struct Range {
    std::uint32_t begin = 0;
    std::uint32_t end = 0;
  };

  // Calls `found` with each branch whose conditions all hold, arrays left aside.
  template <class Found>
  void run(Range range, const ConditionTable& table, MatchSpace& space, const Found& found) const {
    for (std::uint32_t at = range.begin; at < range.end;) {
      const ProgramStep& step = steps_[at];
      if (step.condition == ConditionTable::none) {
        found(step.target);
        ++at;
      } else {
        at = table.holds(step.condition, space) ? at + 1 : step.target;
      }
    }
  }
  std::size_t bytes() const noexcept { return steps_.capacity() * sizeof(ProgramStep); }

 private:
  friend class ProgramBuilder;
  struct ProgramStep {
    Condition condition;   // none: a branch was found
    std::uint32_t target;  // where to go on when it does not hold; or the branch
  };
  std::vector<ProgramStep> steps_;
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

 private:
  void emit(std::span<OpenBranch> branches);
  void emit_one(OpenBranch& branch);
  FieldTrie::Field telling_field(std::span<const OpenBranch> branches);
  std::uint32_t here() const { return static_cast<std::uint32_t>(program_.steps_.size()); }

  BranchProgram& program_;
  const ConditionTable& table_;
  std::span<const float> chances_;
  std::vector<std::pair<FieldTrie::Field, float>> gains_;
};

}  // namespace signalbox
