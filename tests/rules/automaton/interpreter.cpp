#include "tests/rules/automaton/interpreter.hpp"

#include <algorithm>
#include <numeric>
#include <set>
#include <unordered_map>

#include "tests/rules/automaton/field_values.hpp"

namespace signalbox {
namespace {

// What one condition saw.
struct Seen {
  const FieldCondition* condition = nullptr;
  FieldValues all;
  std::vector<FieldValue> passing;
  bool in_arrays = false;  // some value lies in an array's element
};

bool passes_any(const FieldCondition& condition, Json value) {
  const EventValue event_value{value};
  return std::any_of(condition.tests.begin(), condition.tests.end(),
                     [&](const ValueTest& test) { return passes(test, event_value); });
}

// Whether the condition could hold, arrays left aside.
bool look(const FieldCondition& condition, Json event, Seen& seen) {
  seen.condition = &condition;
  seen.all.collect(event, condition.path);
  for (const FieldValue& value : seen.all.values) {
    if (value.element >= 0) seen.in_arrays = true;
    if (passes_any(condition, value.value)) seen.passing.push_back(value);
  }
  if (!seen.passing.empty()) return true;
  if (!condition.absent) return false;
  // A value outside of all arrays is there whatever element the other conditions chose.
  return std::all_of(seen.all.values.begin(), seen.all.values.end(),
                     [](const FieldValue& value) { return value.element >= 0; });
}

// Finds one choice of array elements under which all conditions of a branch hold. As in the
// reference, conditions are met in the order of their paths: an absence looks at the elements
// chosen before it.
class ConsistentChoice {
 public:
  explicit ConsistentChoice(std::vector<Seen>& seen) : seen_{seen}, order_(seen.size()) {
    std::iota(order_.begin(), order_.end(), std::size_t{0});
    std::sort(order_.begin(), order_.end(), [&](std::size_t a, std::size_t b) {
      return seen_[a].condition->path < seen_[b].condition->path;
    });
    for (std::size_t step = 0; step < order_.size(); ++step) {
      for (const ArrayElement& element : at(step).all.elements)
        last_use_[element.array_begin] = step;
    }
  }

  bool find() { return from(0, {}); }

  // The condition that could not be met together with those before it.
  std::size_t stuck_at() const { return order_[std::min(deepest_, order_.size() - 1)]; }

 private:
  // Array -> chosen element, for the arrays that conditions still to come look into.
  using Choice = std::vector<std::pair<const char*, ArrayElement>>;

  const Seen& at(std::size_t step) const { return seen_[order_[step]]; }

  bool from(std::size_t step, Choice choice) {
    if (step == order_.size()) return true;
    deepest_ = std::max(deepest_, step);
    std::erase_if(choice, [&](const auto& entry) {
      const auto use = last_use_.find(entry.first);
      return use == last_use_.end() || use->second < step;
    });
    if (!tried_.insert(key_of(step, choice)).second) return false;  // it failed before
    const Seen& seen = at(step);
    if (seen.condition->absent && !any_consistent(seen.all, seen.all.values, choice) &&
        from(step + 1, choice)) {
      return true;
    }
    return walk(seen.all, seen.passing, choice, [&](const FieldValue& value) {
      return from(step + 1, extended(choice, seen.all, value));
    });
  }

  static std::vector<std::uintptr_t> key_of(std::size_t step, const Choice& choice) {
    std::vector<std::uintptr_t> key{step};
    for (const auto& [array, element] : choice) {
      key.push_back(reinterpret_cast<std::uintptr_t>(element.begin));
    }
    std::sort(key.begin() + 1, key.end());
    return key;
  }

  static Choice extended(Choice choice, const FieldValues& all, const FieldValue& value) {
    for (std::int32_t i = value.element; i >= 0;
         i = all.elements[static_cast<std::size_t>(i)].outer) {
      const ArrayElement& element = all.elements[static_cast<std::size_t>(i)];
      const bool known = std::any_of(choice.begin(), choice.end(), [&](const auto& entry) {
        return entry.first == element.array_begin;
      });
      if (!known) choice.emplace_back(element.array_begin, element);
    }
    return choice;
  }

  static bool any_consistent(const FieldValues& all, const std::vector<FieldValue>& values,
                             const Choice& choice) {
    return walk(all, values, choice, [](const FieldValue&) { return true; });
  }

  // Where the next value that may be consistent can stand; null when this one is.
  static const char* skip_to(const FieldValues& all, const FieldValue& value,
                             const Choice& choice) {
    for (std::int32_t i = value.element; i >= 0;
         i = all.elements[static_cast<std::size_t>(i)].outer) {
      const ArrayElement& element = all.elements[static_cast<std::size_t>(i)];
      for (const auto& [array, chosen] : choice) {
        if (array != element.array_begin || chosen.begin == element.begin) continue;
        return element.begin < chosen.begin ? chosen.begin : chosen.array_end;
      }
    }
    return nullptr;
  }

  // Calls `visit` for each consistent value until it answers true.
  template <class Visit>
  static bool walk(const FieldValues& all, const std::vector<FieldValue>& values,
                   const Choice& choice, const Visit& visit) {
    for (auto value = values.begin(); value != values.end();) {
      if (const char* next = skip_to(all, *value, choice)) {
        value = std::partition_point(value, values.end(), [&](const FieldValue& candidate) {
          return candidate.value.raw().data() < next;
        });
        continue;
      }
      if (visit(*value)) return true;
      ++value;
    }
    return false;
  }

  std::vector<Seen>& seen_;
  std::vector<std::size_t> order_;
  std::unordered_map<const char*, std::size_t> last_use_;
  std::set<std::vector<std::uintptr_t>> tried_;
  std::size_t deepest_ = 0;
};

// Conditions can only contradict each other where two of them look into arrays, or where one is
// about absence from some element.
bool needs_choice(const std::vector<Seen>& seen) {
  const auto in_arrays =
      std::count_if(seen.begin(), seen.end(), [](const Seen& s) { return s.in_arrays; });
  const bool absence = std::any_of(seen.begin(), seen.end(), [](const Seen& s) {
    return s.condition->absent && s.in_arrays && s.passing.empty();
  });
  return in_arrays > 1 || absence;
}

Interpretation branch_answer(const PatternBranch& branch, Json event) {
  std::vector<Seen> seen;
  seen.reserve(branch.size());
  for (const auto& condition : branch) {
    if (look(*condition, event, seen.emplace_back())) continue;
    return {seen.size() - 1, condition.get()};
  }
  if (!needs_choice(seen)) return {branch.size(), nullptr};
  ConsistentChoice choice{seen};
  if (choice.find()) return {branch.size(), nullptr};
  return {branch.size() - 1, seen[choice.stuck_at()].condition};
}

}  // namespace

Interpretation interpret(const Pattern& pattern, Json event) {
  Interpretation furthest;
  for (const PatternBranch& branch : pattern.branches()) {
    const Interpretation answer = branch_answer(branch, event);
    if (answer.matched()) return answer;
    if (furthest.matched() || answer.passed > furthest.passed) furthest = answer;
  }
  return furthest;
}

}  // namespace signalbox
