// An event and behind it patterns, a line each: the automaton of all patterns finds those that
// the interpreter finds one by one, and explains the others as it does; neither minds what it is
// given.
#include <algorithm>

#include "event/json.hpp"
#include "rules/automaton/pattern_answer.hpp"
#include "tests/fuzz/expect.hpp"
#include "tests/rules/automaton/interpreter.hpp"

using namespace signalbox;
using fuzz::expect;

namespace {

constexpr std::size_t patterns_max = 8;

// Takes the first line; the last one has no end.
std::string_view take_line(std::string_view& text) {
  const std::size_t end = text.find('\n');
  const std::string_view line = text.substr(0, end);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  return line;
}

void compare(const std::vector<Pattern>& patterns, Json event) {
  const std::vector<AutomatonRule> rules{patterns.begin(), patterns.end()};
  TooComplex problem;
  const auto automaton = Automaton::compile(rules, problem);
  if (!automaton) {
    expect(!problem.rules.empty() && !problem.what.empty(), "what is too complex is named");
    return;
  }
  MatchScratch scratch;
  for (int again = 0; again < 2; ++again) {
    const auto found = automaton->match({}, event, scratch);
    for (std::uint32_t i = 0; i < patterns.size(); ++i) {
      const Interpretation wanted = interpret(patterns[i], event);
      expect(std::binary_search(found.begin(), found.end(), i) == wanted.matched(),
             "the automaton finds what the interpreter finds");
      const MatchTrace trace = automaton->trace(i, event, scratch);
      expect(trace.matched == wanted.matched() && trace.passed == wanted.passed,
             "a trace comes as far as the interpreter");
      if (wanted.matched()) continue;
      expect(trace.path == wanted.failed->path && trace.expected == wanted.failed->source,
             "a trace names the condition that the interpreter names");
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static JsonDocument document;
  std::string_view text{reinterpret_cast<const char*>(data), size};
  const std::string_view event_text = take_line(text);
  std::vector<Pattern> patterns;
  while (!text.empty() && patterns.size() < patterns_max) {
    const std::string_view line = take_line(text);
    auto pattern = compile_pattern_text(line);
    const auto answer = answer_pattern(line, event_text);
    expect(pattern.has_value() == (answer != PatternAnswer::invalid_pattern),
           "both readers agree on what is a pattern");
    if (pattern) patterns.push_back(std::move(*pattern));
  }
  const auto event = document.parse_copy(event_text);
  if (event && event->is(JsonKind::object)) compare(patterns, *event);
  return 0;
}
