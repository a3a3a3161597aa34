#include "rules/automaton/automaton.hpp"

#include <algorithm>
#include <atomic>
#include <cassert>

namespace signalbox {
namespace {

std::uint64_t next_id() noexcept {
  static std::atomic<std::uint64_t> last{0};
  return ++last;
}

constexpr std::uint32_t epochs_max = 0x7FFFFFFF;

}  // namespace

Automaton::Automaton() : id_{next_id()} {}

std::span<const std::uint32_t> Automaton::match(std::string_view type, Json event,
                                                MatchScratch& scratch) const {
  if (scratch.owner != id_ || scratch.epoch == epochs_max) fit(scratch);
  assert(scratch.owner == id_ && scratch.epoch < epochs_max);
  ++scratch.epoch;
  scratch.hits.clear();
  scratch.matched.clear();
  scratch.fields.begin(trie_, event);
  table_.read_type(type, scratch);
  access_.collect(table_, scratch);
  for (std::size_t i = 0; i < scratch.hits.size(); ++i) enter(scratch.hits[i], scratch);
  for (const Condition condition : on_absence_) enter(condition, scratch);
  for (const BranchProgram::Branch branch : unconditional_) found(branch, scratch);
  std::sort(scratch.matched.begin(), scratch.matched.end());
  return scratch.matched;
}

void Automaton::fit(MatchScratch& scratch) const {
  scratch.owner = id_;
  scratch.epoch = 0;
  scratch.fields.fit(trie_, table_.fields().size());
  scratch.known.assign(table_.size(), 0);
  scratch.entered.assign(table_.size(), 0);
  scratch.reported.assign(stats_.rules, 0);
  scratch.seen_grams.assign(access_.gram_count(), 0);
}

void Automaton::enter(Condition condition, MatchScratch& scratch) const {
  assert(condition < scratch.entered.size());
  if (scratch.entered[condition] == scratch.epoch) return;
  scratch.entered[condition] = scratch.epoch;
  if (!table_.holds(condition, scratch)) return;
  program_.run(program_of_[condition], table_, scratch,
               [&](BranchProgram::Branch branch) { found(branch, scratch); });
}

void Automaton::found(BranchProgram::Branch branch, MatchScratch& scratch) const {
  const BranchRow& row = branches_[branch];
  if (scratch.reported[row.rule] == scratch.epoch) return;
  if (!consistent(conditions_of(row), scratch)) return;
  scratch.reported[row.rule] = scratch.epoch;
  scratch.matched.push_back(row.rule);
}

}  // namespace signalbox
