// `where` of a `send`: which items of its `for_each` it is about. Immutable, thread-safe.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "rules/pattern/pattern.hpp"

namespace signalbox {

class Automaton;

class ItemFilter {
 public:
  // A mapping is a pattern over items that are objects, a list holds values and operators for plain
  // ones. What is wrong is added to `problems`; nothing is returned then.
  static std::optional<ItemFilter> compile(const Literal& source, PatternProblems& problems);

  bool wants(Json item) const;

 private:
  std::shared_ptr<const Automaton> fields_;  // null: plain items are wanted
  std::vector<ValueTest> values_;
};

}  // namespace signalbox
