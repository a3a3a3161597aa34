#include "rules/automaton/element_choice.hpp"

#include <algorithm>

#include "rules/automaton/bytes_hash.hpp"
#include "rules/automaton/condition_table.hpp"
#include "rules/automaton/match_scratch.hpp"

namespace signalbox {

std::size_t ChoiceScratch::TriedHash::operator()(std::uint32_t at) const noexcept {
  const std::uint32_t* key = keys->data() + at;
  return hash_bytes(0, {reinterpret_cast<const char*>(key), (key[0] + 1) * sizeof *key});
}

bool ChoiceScratch::TriedEqual::operator()(std::uint32_t a, std::uint32_t b) const noexcept {
  const std::uint32_t* first = keys->data() + a;
  return std::equal(first, first + first[0] + 1, keys->data() + b);
}

ElementChoice::ElementChoice(const ConditionTable& table, MatchScratch& scratch)
    : table_{table}, match_{scratch}, scratch_{scratch.choice} {}

bool ElementChoice::find(std::span<const std::uint32_t> conditions) {
  if (!may_contradict(conditions)) return true;
  if (!prepare(conditions)) return true;
  note_last_steps();
  scratch_.chosen_.clear();
  scratch_.keys_.clear();
  scratch_.tried_.clear();
  return from(0);
}

// What was tried remembers how deep it went.
std::size_t ElementChoice::stuck_at() const {
  const auto& keys = scratch_.keys_;
  std::uint32_t deepest = 0;
  for (std::size_t at = 0; at < keys.size(); at += keys[at] + 1) {
    deepest = std::max(deepest, keys[at + 1]);
  }
  return deepest;
}

// The common case, told without looking at values.
bool ElementChoice::may_contradict(std::span<const std::uint32_t> conditions) const {
  std::size_t in_arrays = 0;
  for (const std::uint32_t condition : conditions) {
    if (!match_.fields.look(table_.row(condition).field).in_arrays) continue;
    ++in_arrays;
    if (in_arrays > 1 || table_.row(condition).absent) return true;
  }
  return false;
}

// False where conditions cannot contradict each other: at most one looks into arrays, and none is
// about absence from some element.
bool ElementChoice::prepare(std::span<const std::uint32_t> conditions) {
  scratch_.steps_.clear();
  scratch_.values_.clear();
  std::size_t in_arrays = 0;
  bool absence = false;
  for (const std::uint32_t condition : conditions) {
    const CollectedField field = match_.fields.look(table_.row(condition).field);
    const auto at = [&] { return static_cast<std::uint32_t>(scratch_.values_.size()); };
    Step step{at(), 0, 0, table_.row(condition).absent, field.in_arrays};
    const auto each = [&](const auto& visit) {
      for (std::int32_t i = field.first; i >= 0; i = match_.fields.value(i).next) visit(i);
    };
    each([&](std::int32_t i) { scratch_.values_.push_back(i); });
    step.all_end = at();
    each([&](std::int32_t i) {
      if (table_.passes_value(condition, match_.fields.value(i))) scratch_.values_.push_back(i);
    });
    step.passing_end = at();
    scratch_.steps_.push_back(step);
    if (!field.in_arrays) continue;
    ++in_arrays;
    absence = absence || (step.absent && step.passing_end == step.all_end);
  }
  return in_arrays > 1 || absence;
}

void ElementChoice::note_last_steps() {
  auto& last = scratch_.last_steps_;
  last.clear();
  for (std::uint32_t step = 0; step < scratch_.steps_.size(); ++step) {
    const Step& row = scratch_.steps_[step];
    for (std::uint32_t i = row.all_begin; i < row.all_end; ++i) {
      for (std::int32_t at = match_.fields.value(scratch_.values_[i]).around; at >= 0;
           at = match_.fields.around(at).outer) {
        const std::pair entry{match_.fields.around(at).array, step};
        if (last.empty() || last.back() != entry) last.push_back(entry);
      }
    }
  }
  std::sort(last.begin(), last.end());
}

bool ElementChoice::from(std::uint32_t step) {
  if (step == scratch_.steps_.size()) return true;
  if (!try_first(step)) return false;
  const Step row = scratch_.steps_[step];
  const auto any = [](std::int32_t) { return true; };
  if (row.absent && !walk(row.all_begin, row.all_end, any) && from(step + 1)) return true;
  const std::size_t chosen_before = scratch_.chosen_.size();
  return walk(row.all_end, row.passing_end, [&](std::int32_t value) {
    choose(value);
    if (from(step + 1)) return true;
    scratch_.chosen_.resize(chosen_before);
    return false;
  });
}

// False where this step was reached before with the same elements, as far as steps to come can
// tell: then it failed.
bool ElementChoice::try_first(std::uint32_t step) {
  auto& keys = scratch_.keys_;
  const std::size_t begin = keys.size();
  keys.push_back(0);
  keys.push_back(step);
  for (const auto& chosen : scratch_.chosen_) {
    if (chosen.last_step >= step) keys.push_back(chosen.element);
  }
  keys[begin] = static_cast<std::uint32_t>(keys.size() - begin - 1);
  std::sort(keys.begin() + static_cast<std::ptrdiff_t>(begin) + 2, keys.end());
  if (scratch_.tried_.insert(static_cast<std::uint32_t>(begin)).second) return true;
  keys.resize(begin);
  return false;
}

void ElementChoice::choose(std::int32_t value) {
  for (std::int32_t at = match_.fields.value(value).around; at >= 0;
       at = match_.fields.around(at).outer) {
    const AroundValue& around = match_.fields.around(at);
    const bool known =
        std::any_of(scratch_.chosen_.begin(), scratch_.chosen_.end(),
                    [&](const auto& chosen) { return chosen.array == around.array; });
    if (known) continue;
    const auto behind = std::upper_bound(scratch_.last_steps_.begin(), scratch_.last_steps_.end(),
                                         std::pair{around.array, 0xFFFFFFFFU});
    scratch_.chosen_.push_back({around.array, around.element, std::prev(behind)->second});
  }
}

// Where the next value that may be consistent can stand; 0 when this one is.
std::uint32_t ElementChoice::skip_to(std::int32_t value) const {
  for (std::int32_t at = match_.fields.value(value).around; at >= 0;
       at = match_.fields.around(at).outer) {
    const AroundValue& around = match_.fields.around(at);
    for (const auto& chosen : scratch_.chosen_) {
      if (chosen.array != around.array || chosen.element == around.element) continue;
      return around.element < chosen.element ? chosen.element : around.array_end;
    }
  }
  return 0;
}

// Calls `visit` with each consistent value until it answers true.
template <class Visit>
bool ElementChoice::walk(std::uint32_t begin, std::uint32_t end, const Visit& visit) {
  while (begin < end) {
    const std::int32_t value = scratch_.values_[begin];
    const std::uint32_t next = skip_to(value);
    if (next == 0) {
      if (visit(value)) return true;
      ++begin;
      continue;
    }
    const auto first = scratch_.values_.begin();
    begin = static_cast<std::uint32_t>(
        std::partition_point(first + begin, first + end,
                             [&](std::int32_t candidate) {
                               return match_.fields.value(candidate).value.position() < next;
                             }) -
        first);
  }
  return false;
}

}  // namespace signalbox
