// The operators of patterns: one row each. The row feeds the compiler, "did you mean", the
// reference in docs/RULES.md and a test that runs every example. Semantics are those of
// aws/event-ruler 2.0.1. https://github.com/aws/event-ruler/blob/main/README.md
//
// Immutable, thread-safe.
#pragma once

#include <span>
#include <string_view>

#include "rules/pattern/pattern_problem.hpp"
#include "rules/pattern/value_test.hpp"

namespace signalbox {

struct OperatorExample {
  std::string_view pattern;  // JSON
  std::string_view matches;  // a JSON event
  std::string_view rejects;  // a JSON event
};

// What an operand compiles to.
struct CompiledOperand {
  std::vector<ValueTest> tests;  // any of them
  bool absent = false;           // or: the field is not there
};

struct OperatorRow {
  std::string_view name;
  std::string_view also_called;  // wrong names that mean this one, separated by spaces
  std::string_view description;
  std::span<const OperatorExample> examples;
  // Nothing, and a problem, where the operand is not what the operator takes. Null for the two rows
  // that are no match expression: a plain value and `$or`.
  std::optional<CompiledOperand> (*compile)(const Literal& operand, PatternProblems& problems);
};

std::span<const OperatorRow> all_operators() noexcept;

// One element of a field's list: a plain value, or an object with one operator.
std::optional<CompiledOperand> compile_element(const Literal& element, PatternProblems& problems);

// Names that cannot be fields within `$or`: they would be taken for operators.
bool is_reserved_in_or(std::string_view name) noexcept;

// The table as docs/RULES.md has it, in Markdown.
std::string operators_markdown();

}  // namespace signalbox
