// eval: event patterns against events outside of any rule, a line in, a line out: for trying a
// pattern, and for comparing this matcher with others on any number of cases.
#include <fmt/format.h>

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <fstream>
#include <iostream>

#include "event/json.hpp"
#include "gateway/cli/client/gateway_call.hpp"
#include "gateway/cli/screen/json_members.hpp"
#include "rules/automaton/pattern_answer.hpp"

namespace signalbox {
namespace {

namespace json = boost::json;

struct EvalOptions {
  std::string pattern;  // JSON, @file or - for standard input
  std::string event;
  bool jsonl = false;    // cases on standard input
  std::string patterns;  // files of one JSON text a line
  std::string events;
};

constexpr std::size_t body_bytes_max = std::size_t{64} * 1024 * 1024;

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

void show_match(Terminal& terminal, const MatchTrace& trace) {
  if (trace.matched) {
    terminal.line(terminal.styled("match", Style::good));
    return;
  }
  terminal.line(fmt::format("{}  {}: wants {}, saw {}", terminal.styled("no match", Style::bad),
                            terminal.styled(printable(trace.path), Style::bold),
                            printable(trace.expected), printable(trace.actual)));
}

Failure wrong_line(const std::string& file, std::size_t line, std::string_view what) {
  return usage_failure(fmt::format("{}:{}: {}", file, line, what));
}

// What one line of --jsonl is answered; `wrong` is set where it is no case.
std::string answer_case(JsonDocument& document, std::string_view line, bool& wrong) {
  const auto refuse = [&](std::string_view what) {
    wrong = true;
    return json::serialize(json::object{{"error", json_text(what)}});
  };
  const auto row = document.parse_copy(line);
  if (!row) return refuse(row.error().detail);
  const auto pattern = (*row)["pattern"].string();
  const auto event = (*row)["event"].string();
  if (pattern && event) {
    return fmt::format(R"({{"result":{}}})", result_of(answer_pattern(*pattern, *event)));
  }
  if ((*row)["expr"]) return refuse("this version evaluates no CEL expressions");
  return refuse("needs the texts 'pattern' and 'event'");
}

// A line that is no case is answered as such, and the others all the same.
ExitCode eval_cases(Invocation& invocation) {
  JsonDocument document;
  bool wrong = false;
  for (std::string line; std::getline(std::cin, line);) {
    if (!line.empty()) invocation.terminal.line(answer_case(document, line, wrong));
  }
  return wrong ? ExitCode::refused : ExitCode::good;
}

// Whether one event matches one pattern, and which condition it failed first.
ExitCode eval_one(Invocation& invocation, const EvalOptions& options) {
  if (options.pattern == "-" && options.event == "-") {
    return fail(invocation, usage_failure("standard input is the pattern or the event"));
  }
  const auto pattern_text = read_argument(options.pattern, body_bytes_max);
  if (!pattern_text) return fail(invocation, pattern_text.error());
  const auto event_text = read_argument(options.event, body_bytes_max);
  if (!event_text) return fail(invocation, event_text.error());
  const auto pattern = compile_single_pattern(*pattern_text);
  if (!pattern) {
    return fail(invocation, usage_failure("the pattern: " + pattern.error().detail));
  }
  JsonDocument document;
  const auto event = document.parse_copy(*event_text);
  if (!event) return fail(invocation, usage_failure("the event: " + event.error().detail));
  if (!event->is(JsonKind::object)) {
    return fail(invocation, usage_failure("the event must be a JSON object"));
  }
  MatchScratch scratch;
  (*pattern)->match({}, *event, scratch);
  const MatchTrace trace = (*pattern)->trace(0, *event, scratch);
  json::object answer{{"result", trace.matched}};
  if (!trace.matched) {
    answer["failed_path"] = trace.path;
    answer["expected"] = trace.expected;
    answer["actual"] = trace.actual;
  }
  tell(invocation, answer,
       [&](Invocation&, const json::value&) { show_match(invocation.terminal, trace); });
  return trace.matched ? ExitCode::good : ExitCode::refused;
}

// All patterns of a file as one automaton, numbered by line.
CommandResult<std::shared_ptr<const Automaton>> read_patterns(const std::string& path) {
  std::ifstream file{path};
  if (!file) return usage_failure(fmt::format("{}: cannot be read", path));
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
    return fail(invocation, usage_failure(fmt::format("{}: cannot be read", options.events)));
  }
  JsonDocument document;
  MatchScratch scratch;
  std::string line;
  std::string answer;
  for (std::size_t number = 1; std::getline(file, line); ++number) {
    const auto event = document.parse_copy(line);
    if (!event || !event->is(JsonKind::object)) {
      return fail(invocation, wrong_line(options.events, number, "is no JSON object"));
    }
    answer = "[";
    for (const std::uint32_t pattern : (*patterns)->match({}, *event, scratch)) {
      if (answer.size() > 1) answer += ',';
      answer += std::to_string(pattern);
    }
    invocation.terminal.line(answer + "]");
  }
  return ExitCode::good;
}

ExitCode run_eval(Invocation& invocation, const EvalOptions& options) {
  const bool one = !options.pattern.empty() && !options.event.empty();
  const bool files = !options.patterns.empty() && !options.events.empty();
  const bool rest = options.pattern.empty() != options.event.empty() ||
                    options.patterns.empty() != options.events.empty();
  if (rest || int{one} + int{files} + int{options.jsonl} != 1) {
    return fail(
        invocation,
        usage_failure("eval needs --pattern and --event, or --patterns and --events, or --jsonl"));
  }
  if (options.jsonl) return eval_cases(invocation);
  return one ? eval_one(invocation, options) : eval_all(invocation, options);
}

}  // namespace

namespace commands {

extern constinit const Command eval;
constinit const Command eval{
    .name = "eval",
    .group = group::events,
    .summary = "Match events against event patterns",
    .details =
        "One event against one pattern: exit status 1 and the first condition that failed, "
        "where it does not match. Or a line in, a line out, of files and standard input.",
    .examples = {{{R"(signalbox eval --pattern '{"action":["opened"]}' --event @body.json)",
                   "one event, and why not"},
                  {"signalbox eval --patterns patterns.jsonl --events events.jsonl",
                   "for each event the indices of the patterns that match"},
                  {"signalbox eval --jsonl",
                   "each line of standard input a pattern and an event"}}},
    .json = {{{"--pattern",
               R"(`{"result":false,"failed_path","expected","actual"}`; `result` alone )"
               "where it matches"},
              {"--jsonl", R"(one line for each: `{"result":…}`, with or without `--json`)"},
              {"--patterns", "one line for each event: `[0,7]`, with or without `--json`"}}},
    .options = {{{.name = "--pattern",
                  .value = {"JSON"},
                  .help = "Event pattern, @file or -",
                  .into = into<&EvalOptions::pattern>},
                 {.name = "--event",
                  .value = {"JSON"},
                  .help = "Body of an event, @file or - for standard input",
                  .into = into<&EvalOptions::event>},
                 {.name = "--jsonl",
                  .help =
                      R"(Read {"pattern":"…","event":"…"} lines, answer each with {"result":…})",
                  .into = into<&EvalOptions::jsonl>},
                 {.name = "--patterns",
                  .value = value::file,
                  .help = "File with one pattern a line",
                  .into = into<&EvalOptions::patterns>},
                 {.name = "--events",
                  .value = value::file,
                  .help = "File with one event a line: indices that match",
                  .into = into<&EvalOptions::events>}}},
    .action = action<run_eval>,
};

}  // namespace commands
}  // namespace signalbox
