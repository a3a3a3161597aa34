// test: runs the tests that rules carry, through the connector, the rules and the comparison that
// the gateway and the rules' own tests use.
#include <fmt/format.h>

#include <boost/json/serialize.hpp>
#include <fstream>

#include "gateway/cli/check/rule_files.hpp"
#include "gateway/cli/check/sample_event.hpp"
#include "gateway/cli/check/test_report.hpp"
#include "gateway/cli/client/gateway_call.hpp"
#include "gateway/hooks/local_event.hpp"
#include "rules/rule_test.hpp"

namespace signalbox {
namespace {

struct TestOptions {
  std::vector<std::string> files;  // rule files; empty: those of the configuration
  bool coverage = false;
  std::optional<std::uint32_t> coverage_min;  // percent; less is a finding
  std::string junit;                          // file for JUnit's XML; empty: none
};

// A file is a body as it came; what a test says itself is laid upon the sample of its type.
Result<std::string> body_of(const RuleTest& test) {
  if (test.event_path.empty()) return sample_with(test.type, test.event_inline);
  return read_body(test_file_path(test.file, test.event_path));
}

// The rules to test, and what they were read from.
struct TestedRules {
  std::shared_ptr<const RuleSet> rules;
  Recipients recipients;
  std::vector<std::string> files;
};

TestResult run_one(const RuleSet& rules, const RuleTest& test, Time now,
                   CoverageRecorder* coverage) {
  auto body = body_of(test);
  if (!body) return {&test, {body.error().detail}};
  const auto local = LocalEvent::make(test.type, std::move(*body), "test", now);
  if (!local) return {&test, {fmt::format("no event: {}", local.error().detail)}};
  const Event& event = (*local)->event();
  if (event.type != test.type && !is_variant_of(test.type, event.type)) {
    return {&test, {fmt::format("the body makes this a {}, not a {}", event.type, test.type)}};
  }
  if (coverage != nullptr) coverage->add(test, event, rules.decide(event));
  return {&test, check_rule_test(test, rules, event)};
}

CommandResult<TestedRules> find_rules(Invocation& invocation, const TestOptions& options) {
  const auto installation = Installation::find(invocation.common, invocation.process);
  if (!installation) return installation.error();
  if (options.files.empty()) {
    const auto config = installation->load({.need_secrets = false});
    if (!config) return config.error();
    return TestedRules{(*config)->rules, recipients_of(**config), (*config)->rule_files};
  }
  const auto surroundings = find_surroundings(*installation, invocation.terminal);
  if (!surroundings) return surroundings.error();
  const auto loaded = load_rule_files(*surroundings, options.files);
  if (!loaded) return loaded.error();
  for (const Diagnostic& diagnostic : loaded->diagnostics) {
    invocation.terminal.advice(to_string(diagnostic));
  }
  if (!loaded->rules) return usage_failure("the rules are wrong", "signalbox check");
  return TestedRules{loaded->rules, surroundings->recipients, options.files};
}

CommandResult<std::unique_ptr<CoverageRecorder>> find_recorder(const TestedRules& tested,
                                                               const TestOptions& options) {
  if (!options.coverage && !options.coverage_min) return std::unique_ptr<CoverageRecorder>{};
  const auto texts = read_rule_files(tested.files);
  if (!texts) return usage_failure(texts.error().detail);
  return std::make_unique<CoverageRecorder>(*texts, tested.recipients);
}

// Nothing when that went well.
std::optional<Failure> write_junit(const std::string& path, std::span<const TestResult> results) {
  std::ofstream file{path, std::ios::binary | std::ios::trunc};
  file << results_junit(results);
  file.close();
  if (file) return std::nullopt;
  return usage_failure(fmt::format("{} cannot be written", path));
}

void tell_results(Invocation& invocation, std::span<const TestResult> results,
                  const std::optional<std::vector<RuleCoverage>>& coverage) {
  boost::json::object answer = results_json(results);
  if (coverage) answer["coverage"] = coverage_json(*coverage);
  tell(invocation, answer, [&](Invocation&, const boost::json::value&) {
    show_results(invocation.terminal, results);
    if (coverage) show_coverage(invocation.terminal, *coverage);
  });
}

ExitCode run_test(Invocation& invocation, const TestOptions& options) {
  const auto tested = find_rules(invocation, options);
  if (!tested) return fail(invocation, tested.error());
  const auto recorder = find_recorder(*tested, options);
  if (!recorder) return fail(invocation, recorder.error());
  std::vector<TestResult> results;
  for (const RuleTest& test : tested->rules->tests()) {
    results.push_back(run_one(*tested->rules, test, invocation.now, recorder->get()));
  }
  if (!options.junit.empty()) {
    if (const auto failed = write_junit(options.junit, results)) return fail(invocation, *failed);
  }
  std::optional<std::vector<RuleCoverage>> coverage;
  if (*recorder) coverage = (*recorder)->coverage();
  tell_results(invocation, results, coverage);
  const bool covered =
      !coverage || total_of(*coverage).percent() >= options.coverage_min.value_or(0);
  const bool good = failed_of(results) == 0 && covered;
  return good ? ExitCode::good : ExitCode::refused;
}

}  // namespace

namespace commands {

extern constinit const Command test;
constinit const Command test{
    .name = "test",
    .group = group::gateway,
    .summary = "Run the tests that rules carry",
    .details =
        "Asks no server. Exit status 1 when a test fails, or when --coverage-min is not "
        "reached. Covered are events, conditions, ways of $or and rules, both ways: they "
        "held in a test, and did not hold in another.",
    .examples = {{{"signalbox test", "those of all rules of the configuration"},
                  {"signalbox test --coverage rules/review.yaml",
                   "those of one file, and what they leave out"},
                  {"signalbox test --coverage-min 70 --junit results.xml", "in a pipeline"}}},
    .json = {{{.what = R"(`{"passed":8,"failed":0,"tests":)"
                       R"([{"rule","file","line","type","passed","faults"}]}`)"},
              {"--coverage",
               R"(the same with `"coverage":{"percent":72,"outcomes":33,"covered":24,)"
               R"("rules":[{"rule","file","line","tests","percent",)"
               R"("missing":[{"line","column","part","text","gap"}]}]}`; `part` is `rule`, )"
               R"(`event_type`, `condition` or `way`, `gap` `never tried`, `never true`, )"
               R"(`never false`, `never matches` or `always matches`)"}}},
    .arguments = {{{.name = "files",
                    .value = value::file,
                    .help = "Rule files; default: those of the configuration",
                    .into = into<&TestOptions::files>}}},
    .options = {{{.name = "--coverage",
                  .help = "Say what no test exercises",
                  .into = into<&TestOptions::coverage>},
                 {.name = "--coverage-min",
                  .value = {"PERCENT"},
                  .help = "Less coverage than this, 0 to 100, is a finding",
                  .into = into<&TestOptions::coverage_min>,
                  .range = OptionRange{0, 100}},
                 {.name = "--junit",
                  .value = value::file,
                  .help = "Write the results as JUnit's XML",
                  .into = into<&TestOptions::junit>}}},
    .action = action<run_test>,
};

}  // namespace commands
}  // namespace signalbox
