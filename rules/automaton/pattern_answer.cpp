#include "rules/automaton/pattern_answer.hpp"

namespace signalbox {

Result<std::shared_ptr<const Automaton>> compile_single_pattern(std::string_view json) {
  const auto pattern = compile_pattern_text(json);
  if (!pattern) return pattern.error();
  const AutomatonRule rule{*pattern};
  TooComplex problem;
  auto automaton = Automaton::compile({&rule, 1}, problem);
  if (!automaton) return Error{Reason::invalid_argument, problem.what};
  return automaton;
}

PatternAnswer answer_pattern(std::string_view pattern, std::string_view event) {
  const auto automaton = compile_single_pattern(pattern);
  if (!automaton) return PatternAnswer::invalid_pattern;
  JsonDocument document;
  const auto parsed = document.parse_copy(event);
  if (!parsed || !parsed->is(JsonKind::object)) return PatternAnswer::invalid_event;
  MatchScratch scratch;
  const bool matched = !(*automaton)->match({}, *parsed, scratch).empty();
  return matched ? PatternAnswer::match : PatternAnswer::no_match;
}

}  // namespace signalbox
