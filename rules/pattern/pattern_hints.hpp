// What people write in a pattern who come from other systems, and how it is said here. For messages
// alone; thread-safe.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "rules/source/literal.hpp"

namespace signalbox {

// Behind `unknown operator 'gt'`: the one that was meant, with its operand where that is known.
std::string unknown_operator_hint(const Literal::Field& expression);

// `$and`, `$not` and their kin: what is wrong with a key that looks like one; nothing otherwise.
std::optional<std::string> wrong_combinator(const Literal::Field& field);

// The name alone, as a field's that no body has; empty where it is none of them.
std::string combinator_hint(std::string_view name);

// `ref: {prefix: refs/heads/}`: `field` is what stands in the mapping of `of`. Nothing where it is
// no operator with an operand of its own.
std::optional<std::string> unlisted_operator(std::string_view of, const Literal::Field& field);

// `labels: [{name: bug}]`: fields where an operator belongs; nothing where it is one, or one was
// meant.
std::optional<std::string> fields_in_list(std::string_view of, const Literal& element);

}  // namespace signalbox
