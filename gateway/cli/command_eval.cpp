// eval: event patterns against events outside of any rule, a line in, a line out: for trying a
// pattern, and for comparing this matcher with others on any number of cases.
#include <fmt/format.h>

#include <fstream>
#include <iostream>

#include "event/json.hpp"
#include "gateway/cli/commands.hpp"
#include "rules/automaton.hpp"

namespace signalbox {
namespace {

std::string_view result_of(PatternAnswer answer) noexcept {
  switch (answer) {
    case PatternAnswer::no_match:
      return "false";
    case PatternAnswer::match:
      return "true";
    case PatternAnswer::invalid_pattern:
      return R"("invalid-pattern")";
    case PatternAnswer::invalid_event:
      return R"("invalid-event")";
  }
  return "false";
}

Failure wrong_line(const std::string& file, std::size_t line, std::string_view what) {
  return {ExitCode::usage, fmt::format("{}:{}: {}", file, line, what), {}};
}

ExitCode eval_cases(Invocation& invocation) {
  JsonDocument document;
  std::string line;
  for (std::size_t number = 1; std::getline(std::cin, line); ++number) {
    if (line.empty()) continue;
    const auto row = document.parse_copy(line);
    if (!row) return fail(invocation, wrong_line("standard input", number, row.error().detail));
    const auto pattern = (*row)["pattern"].string();
    const auto event = (*row)["event"].string();
    if (!pattern || !event) {
      return fail(invocation,
                  wrong_line("standard input", number, "needs the texts 'pattern' and 'event'"));
    }
    invocation.terminal.line(
        fmt::format(R"({{"result":{}}})", result_of(answer_pattern(*pattern, *event))));
  }
  return ExitCode::good;
}

// All patterns of a file as one automaton, numbered by line.
Attempt<std::shared_ptr<const Automaton>> read_patterns(const std::string& path) {
  std::ifstream file{path};
  if (!file) return Failure{ExitCode::usage, fmt::format("{}: cannot be read", path), {}};
  std::vector<Pattern> patterns;
  ConditionPool conditions;
  std::string line;
  for (std::size_t number = 1; std::getline(file, line); ++number) {
    auto pattern = compile_pattern_text(line, &conditions);
    if (!pattern) return wrong_line(path, number, pattern.error().detail);
    patterns.push_back(std::move(*pattern));
  }
  const std::vector<AutomatonRule> rules{patterns.begin(), patterns.end()};
  TooComplex problem;
  auto automaton = Automaton::compile(rules, problem);
  if (!automaton) return wrong_line(path, problem.rules.front() + std::size_t{1}, problem.what);
  return automaton;
}

ExitCode eval_all(Invocation& invocation, const EvalOptions& options) {
  const auto patterns = read_patterns(options.patterns);
  if (!patterns) return fail(invocation, patterns.error());
  std::ifstream file{options.events};
  if (!file) {
    return fail(invocation,
                {ExitCode::usage, fmt::format("{}: cannot be read", options.events), {}});
  }
  JsonDocument document;
  MatchSpace space;
  std::string line;
  std::string answer;
  for (std::size_t number = 1; std::getline(file, line); ++number) {
    const auto event = document.parse_copy(line);
    if (!event || !event->is(JsonKind::object)) {
      return fail(invocation, wrong_line(options.events, number, "is no JSON object"));
    }
    answer = "[";
    for (const std::uint32_t pattern : (*patterns)->match({}, *event, space)) {
      if (answer.size() > 1) answer += ',';
      answer += std::to_string(pattern);
    }
    invocation.terminal.line(answer + "]");
  }
  return ExitCode::good;
}

}  // namespace

ExitCode run_eval(Invocation& invocation, const EvalOptions& options) {
  const bool files = !options.patterns.empty() && !options.events.empty();
  if (options.jsonl != files)
    return options.jsonl ? eval_cases(invocation) : eval_all(invocation, options);
  return fail(invocation,
              {ExitCode::usage, "eval needs either --jsonl or both --patterns and --events", {}});
}

}  // namespace signalbox
