// The operators of patterns: one row each, beside the function that reads its operand. The row
// feeds the compiler, "did you mean", the linter, the reference in docs/RULES.md, the JSON Schema,
// the fuzzer's dictionary, and tests that run every example and hold random patterns to having
// every operator. Semantics are those of aws/event-ruler 2.0.1.
// https://github.com/aws/event-ruler/blob/main/README.md
//
// Immutable, thread-safe.
#pragma once

#include <span>
#include <string_view>

#include "rules/pattern/pattern.hpp"

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

// Nothing, and a problem, where the operand is not what the operator takes.
using Operand = std::optional<CompiledOperand>;

struct Operator {
  std::string_view name;
  std::string_view also_called;  // wrong names that mean this one, separated by spaces
  std::string_view description;
  std::span<const OperatorExample> examples;
  std::string_view operand_schema;    // of its operand, a JSON object; a description is added
  std::span<const JsonKind> matches;  // the kinds of value that it can match
  Operand (*compile)(const Literal& operand, PatternProblems& problems);

  // The two rows that are no match expression have no function: a plain value and `$or`.
  bool is_expression() const noexcept { return compile != nullptr; }
};

// In the order of the reference.
std::span<const Operator> all_operators();

// Null where no match expression has the name.
const Operator* find_operator(std::string_view name);

// One element of a field's list: a plain value, or an object with one operator.
Operand compile_element(const Literal& element, PatternProblems& problems);

// Names that cannot be fields within `$or`: they would be taken for operators.
bool is_reserved_in_or(std::string_view name);

// The table as docs/RULES.md has it, in Markdown.
std::string operators_markdown();

}  // namespace signalbox
