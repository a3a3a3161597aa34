#include "rules/branch_program.hpp"

#include <algorithm>

namespace signalbox {

namespace {
using Condition = BranchProgram::Condition;
}

BranchProgram::Range ProgramBuilder::build(std::span<OpenBranch> branches) {
  const std::uint32_t begin = here();
  emit(branches);
  return {begin, here()};
}

// Recursion is bounded by the number of fields of a branch.
void ProgramBuilder::emit(std::span<OpenBranch> branches) {
  const auto open = std::partition(branches.begin(), branches.end(),
                                   [](const OpenBranch& b) { return b.conditions.empty(); });
  for (auto done = branches.begin(); done != open; ++done) {
    program_.steps_.push_back({ConditionTable::none, done->branch});
  }
  branches = branches.subspan(static_cast<std::size_t>(open - branches.begin()));
  while (branches.size() > 1) {
    const FieldTrie::Field field = telling_field(branches);
    const auto on_field = [&](Condition c) { return table_.row(c).field == field; };
    // The field's condition goes to the end, where it is taken from.
    const auto rest = std::partition(branches.begin(), branches.end(), [&](OpenBranch& b) {
      const auto found = std::find_if(b.conditions.begin(), b.conditions.end(), on_field);
      if (found == b.conditions.end()) return false;
      std::swap(*found, b.conditions.back());
      return true;
    });
    std::sort(branches.begin(), rest, [](const OpenBranch& a, const OpenBranch& b) {
      return a.conditions.back() != b.conditions.back() ? a.conditions.back() < b.conditions.back()
                                                        : a.branch < b.branch;
    });
    for (auto begin = branches.begin(); begin != rest;) {
      const Condition condition = begin->conditions.back();
      const auto end = std::find_if(
          begin, rest, [&](const OpenBranch& b) { return b.conditions.back() != condition; });
      for (auto b = begin; b != end; ++b) b->conditions.pop_back();
      const std::uint32_t check = here();
      program_.steps_.push_back({condition, 0});
      emit({begin, end});
      program_.steps_[check].target = here();
      begin = end;
    }
    branches = {rest, branches.end()};
  }
  if (!branches.empty()) emit_one(branches.front());
}

void ProgramBuilder::emit_one(OpenBranch& branch) {
  std::sort(branch.conditions.begin(), branch.conditions.end(),
            [&](Condition a, Condition b) { return chances_[a] < chances_[b]; });
  const auto end = here() + static_cast<std::uint32_t>(branch.conditions.size()) + 1;
  for (const Condition condition : branch.conditions) {
    program_.steps_.push_back({condition, end});
  }
  program_.steps_.push_back({ConditionTable::none, branch.branch});
}

// The field whose conditions leave out the most branches.
FieldTrie::Field ProgramBuilder::telling_field(std::span<const OpenBranch> branches) {
  gains_.clear();
  for (const OpenBranch& branch : branches) {
    for (const Condition condition : branch.conditions) {
      gains_.emplace_back(table_.row(condition).field, 1 - chances_[condition]);
    }
  }
  std::sort(gains_.begin(), gains_.end());
  FieldTrie::Field best = gains_.front().first;
  float best_gain = -1;
  for (std::size_t i = 0; i < gains_.size();) {
    const FieldTrie::Field field = gains_[i].first;
    float gain = 0;
    for (; i < gains_.size() && gains_[i].first == field; ++i) gain += gains_[i].second;
    if (gain <= best_gain) continue;
    best_gain = gain;
    best = field;
  }
  return best;
}

}  // namespace signalbox
