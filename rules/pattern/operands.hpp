// The operands of match expressions, read from what somebody wrote: one function an operator.
#pragma once

#include "rules/pattern/operators.hpp"

namespace signalbox {

using Operand = std::optional<CompiledOperand>;

Operand compile_value(const Literal& value, PatternProblems& problems);
Operand compile_exactly(const Literal& operand, PatternProblems& problems);
Operand compile_prefix(const Literal& operand, PatternProblems& problems);
Operand compile_suffix(const Literal& operand, PatternProblems& problems);
Operand compile_equals_ignore_case(const Literal& operand, PatternProblems& problems);
Operand compile_wildcard(const Literal& operand, PatternProblems& problems);
Operand compile_anything_but(const Literal& operand, PatternProblems& problems);
Operand compile_numeric(const Literal& operand, PatternProblems& problems);
Operand compile_exists(const Literal& operand, PatternProblems& problems);
Operand compile_cidr(const Literal& operand, PatternProblems& problems);

}  // namespace signalbox
