#include "rules/automaton/automaton.hpp"

#include <algorithm>
#include <atomic>

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
                                                MatchSpace& space) const {
  if (space.owner != id_ || space.epoch == epochs_max) fit(space);
  ++space.epoch;
  space.hits.clear();
  space.matched.clear();
  space.fields.begin(trie_, event);
  table_.read_type(type, space);
  access_.collect(table_, space);
  for (std::size_t i = 0; i < space.hits.size(); ++i) enter(space.hits[i], space);
  for (const Condition condition : on_absence_) enter(condition, space);
  for (const BranchProgram::Branch branch : unconditional_) found(branch, space);
  std::sort(space.matched.begin(), space.matched.end());
  return space.matched;
}

void Automaton::fit(MatchSpace& space) const {
  space.owner = id_;
  space.epoch = 0;
  space.fields.fit(trie_, table_.fields().size());
  space.known.assign(table_.size(), 0);
  space.entered.assign(table_.size(), 0);
  space.reported.assign(stats_.rules, 0);
  space.seen_grams.assign(access_.gram_count(), 0);
}

void Automaton::enter(Condition condition, MatchSpace& space) const {
  if (space.entered[condition] == space.epoch) return;
  space.entered[condition] = space.epoch;
  if (!table_.holds(condition, space)) return;
  program_.run(program_of_[condition], table_, space,
               [&](BranchProgram::Branch branch) { found(branch, space); });
}

void Automaton::found(BranchProgram::Branch branch, MatchSpace& space) const {
  const BranchRow& row = branches_[branch];
  if (space.reported[row.rule] == space.epoch) return;
  if (!consistent(conditions_of(row), space)) return;
  space.reported[row.rule] = space.epoch;
  space.matched.push_back(row.rule);
}

}  // namespace signalbox
