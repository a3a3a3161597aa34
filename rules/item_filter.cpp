#include "rules/item_filter.hpp"

#include <algorithm>

#include "rules/automaton/automaton.hpp"
#include "rules/pattern/operators.hpp"
#include "rules/pattern/pattern_hints.hpp"

namespace signalbox {
namespace {

// Filters are small and looked at once an item; each thread has one for all of them.
MatchScratch& scratch_of_filters() {
  static thread_local MatchScratch scratch;
  return scratch;
}

}  // namespace

std::optional<ItemFilter> ItemFilter::compile(const Literal& source, PatternProblems& problems) {
  ItemFilter filter;
  const std::size_t before = problems.size();
  if (source.is(JsonKind::array)) {
    if (source.elements.empty())
      problems.push_back({source.place, "empty", "an empty list matches nothing"});
    for (const Literal& element : source.elements) {
      if (auto what = fields_in_list("where", element)) {
        problems.push_back({element.place, "unknown-operator", std::move(*what)});
        continue;
      }
      auto operand = compile_element(element, problems);
      if (!operand) continue;
      if (operand->absent)
        problems.push_back({element.place, "wrong-operand", "an item is always there"});
      std::ranges::move(operand->tests, std::back_inserter(filter.values_));
    }
    return problems.size() == before ? std::optional{std::move(filter)} : std::nullopt;
  }
  const auto pattern = Pattern::compile(source, problems, nullptr, PatternReading::strict);
  if (!pattern) return std::nullopt;
  const AutomatonRule rule{*pattern};
  TooComplex problem;
  filter.fields_ = Automaton::compile({&rule, 1}, problem);
  if (filter.fields_) return filter;
  problems.push_back({source.place, "too-complex", std::move(problem.what)});
  return std::nullopt;
}

bool ItemFilter::wants(Json item) const {
  if (fields_ != nullptr)
    return item.is(JsonKind::object) && !fields_->match({}, item, scratch_of_filters()).empty();
  if (item.is(JsonKind::object) || item.is(JsonKind::array)) return false;
  const EventValue value{item};
  return std::ranges::any_of(values_, [&](const ValueTest& test) { return passes(test, value); });
}

}  // namespace signalbox
