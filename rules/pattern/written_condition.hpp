// The conditions of a pattern as it was written, for the linter's checks.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "rules/source/literal.hpp"

namespace signalbox {

// A field with its list.
struct WrittenCondition {
  std::string path;  // "pull_request.draft"
  const Literal::Field* field = nullptr;
  std::size_t way = 0;  // 0 outside of all `$or`; else a number for each way of each `$or`
};

// In the order of the file.
std::vector<WrittenCondition> conditions_of(const Literal& pattern);

// One pattern of a `$or`'s list, with the path of the mapping that the `$or` stands in.
struct WrittenWay {
  std::string path;
  const Literal* pattern = nullptr;
};
std::vector<WrittenWay> ways_of(const Literal& pattern);

// Which kinds of value an element of a list can match; none for {exists: false}.
std::vector<JsonKind> kinds_of_element(const Literal& element);

// Whether one of the texts passes an element of a list.
bool any_passes(const Literal& element, const std::vector<std::string_view>& texts);

bool is_absence(const Literal& element) noexcept;    // {exists: false}
bool is_presence(const Literal& element) noexcept;   // {exists: true}
bool is_exclusion(const Literal& element) noexcept;  // {anything-but: …}

// The pattern with fields and values in one order: equal texts match the same.
std::string canonical_text(const Literal& pattern);

}  // namespace signalbox
