#include "rules/automaton/branch_program.hpp"

#include <algorithm>

namespace signalbox {

namespace {
using Condition = BranchProgram::Condition;

// From so many conditions on a switch is cheaper than to look at one after the other.
constexpr std::size_t switch_conditions_least = 4;
// A longer list is looked at by itself, so that cases stay as many as branches, about.
constexpr std::size_t case_symbols_max = 32;
constexpr auto no_case = [](Condition, std::uint32_t) {};
}  // namespace

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
    emit_groups({branches.begin(), rest});
    branches = {rest, branches.end()};
  }
  if (!branches.empty()) emit_one(branches.front());
}

// Branches by their last condition, which is of one field: a check each, or one switch for many.
void ProgramBuilder::emit_groups(std::span<OpenBranch> branches) {
  std::sort(branches.begin(), branches.end(), [](const OpenBranch& a, const OpenBranch& b) {
    return std::pair{a.conditions.back(), a.branch} < std::pair{b.conditions.back(), b.branch};
  });
  const auto rest = std::stable_partition(
      branches.begin(), branches.end(),
      [&](const OpenBranch& branch) { return is_case(branch.conditions.back()); });
  emit_switch({branches.begin(), rest});
  emit_checks({rest, branches.end()}, no_case);
}

void ProgramBuilder::emit_switch(std::span<OpenBranch> branches) {
  std::size_t conditions = 0;
  for (std::size_t i = 0; i < branches.size(); ++i) {
    if (i == 0 || branches[i].conditions.back() != branches[i - 1].conditions.back()) ++conditions;
  }
  if (conditions < switch_conditions_least) return emit_checks(branches, no_case);
  const auto number = static_cast<std::uint32_t>(program_.switch_fields_.size());
  program_.switch_fields_.push_back(table_.row(branches.front().conditions.back()).field);
  const std::uint32_t at = here();
  program_.steps_.push_back({number | BranchProgram::switch_mark, 0});
  // The checks of a switch are entered behind their conditions.
  emit_checks(branches, [&](Condition condition, std::uint32_t step) {
    for (const auto symbol : table_.symbols(condition)) {
      cases_.emplace_back(BranchProgram::case_of(number, symbol), step);
    }
  });
  program_.steps_[at].target = here();
}

template <class Added>
void ProgramBuilder::emit_checks(std::span<OpenBranch> branches, const Added& added) {
  for (auto begin = branches.begin(); begin != branches.end();) {
    const Condition condition = begin->conditions.back();
    const auto end = std::find_if(begin, branches.end(), [&](const OpenBranch& b) {
      return b.conditions.back() != condition;
    });
    for (auto branch = begin; branch != end; ++branch) branch->conditions.pop_back();
    const std::uint32_t step = here();
    program_.steps_.push_back({condition, 0});
    added(condition, step);
    emit({begin, end});
    program_.steps_[step].target = here();
    begin = end;
  }
}

bool ProgramBuilder::is_case(Condition condition) const {
  const ConditionTable::Row& row = table_.row(condition);
  return row.form == ConditionTable::Form::symbols && !row.absent &&
         row.symbols_end - row.symbols_begin <= case_symbols_max;
}

void ProgramBuilder::seal() {
  std::sort(cases_.begin(), cases_.end());
  program_.cases_.reserve(cases_.size());
  for (const auto& [key, step] : cases_) {
    const auto at = static_cast<std::uint32_t>(program_.case_steps_.size());
    program_.cases_.try_emplace(key, BranchProgram::Range{at, at}).first->second.end = at + 1;
    program_.case_steps_.push_back(step);
  }
  cases_ = {};
  program_.steps_.shrink_to_fit();
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
