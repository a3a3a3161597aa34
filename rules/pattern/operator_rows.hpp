// The rows of operators, by what they look at, and what the functions beside them have in common.
#pragma once

#include "rules/pattern/operators.hpp"

namespace signalbox {

std::span<const Operator> operators_of_text() noexcept;
std::span<const Operator> operators_of_values() noexcept;

// What Operator::matches is of.
inline constexpr JsonKind only_strings[]{JsonKind::string};
inline constexpr JsonKind only_numbers[]{JsonKind::number};
inline constexpr JsonKind all_scalars[]{JsonKind::null, JsonKind::boolean, JsonKind::number,
                                        JsonKind::string};

// Reports that `'name' needs …`.
std::nullopt_t wrong_operand(PatternProblems& problems, const Literal& at, std::string_view name,
                             std::string_view needs);

Operand one_test(ValueTest test);

// The range of one number.
NumberRange equal_to(double number) noexcept;

// A list as it is; any other value as a list of one.
Literal as_list(const Literal& value);

}  // namespace signalbox
