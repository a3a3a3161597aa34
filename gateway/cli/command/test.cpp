// test: runs the tests that rules carry, through the connector, the rules and the comparison that
// the gateway and the rules' own tests use.
#include <fmt/format.h>

#include <boost/json/serialize.hpp>
#include <filesystem>
#include <fstream>

#include "gateway/cli/check/rule_files.hpp"
#include "gateway/cli/check/test_report.hpp"
#include "gateway/cli/commands.hpp"
#include "gateway/hooks/local_event.hpp"
#include "rules/rule_test.hpp"

namespace signalbox {
namespace {

Result<std::string> body_of(const RuleTest& test) {
  if (test.event_path.empty()) return test.event_inline;
  const auto directory = std::filesystem::path{test.file}.parent_path();
  return read_body((directory / test.event_path).lexically_normal().string());
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
  if (event.type != test.type) {
    return {&test, {fmt::format("the body makes this a {}, not a {}", event.type, test.type)}};
  }
  const Decision decision = rules.decide(event);
  if (coverage != nullptr) coverage->add(test, event, decision);
  return {&test, check_rule_test(test, decision)};
}

Attempt<TestedRules> find_rules(Invocation& invocation, const TestOptions& options) {
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
  if (!loaded->rules) return Failure{ExitCode::usage, "the rules are wrong", "signalbox check"};
  return TestedRules{loaded->rules, surroundings->recipients, options.files};
}

Attempt<std::unique_ptr<CoverageRecorder>> find_recorder(const TestedRules& tested,
                                                         const TestOptions& options) {
  if (!options.coverage && options.coverage_min < 0) return std::unique_ptr<CoverageRecorder>{};
  const auto texts = read_rule_files(tested.files);
  if (!texts) return Failure{ExitCode::usage, texts.error().detail, {}};
  return std::make_unique<CoverageRecorder>(*texts, tested.recipients);
}

// Nothing when that went well.
std::optional<Failure> write_junit(const std::string& path, std::span<const TestResult> results) {
  std::ofstream file{path, std::ios::binary | std::ios::trunc};
  file << results_junit(results);
  file.close();
  if (file) return std::nullopt;
  return Failure{ExitCode::usage, fmt::format("{} cannot be written", path), {}};
}

void tell(Invocation& invocation, std::span<const TestResult> results,
          const std::optional<std::vector<RuleCoverage>>& coverage) {
  if (!invocation.common.json) {
    show_results(invocation.terminal, results);
    if (coverage) show_coverage(invocation.terminal, *coverage);
    return;
  }
  boost::json::object answer = results_json(results);
  if (coverage) answer["coverage"] = coverage_json(*coverage);
  invocation.terminal.json(boost::json::serialize(answer));
}

}  // namespace

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
  tell(invocation, results, coverage);
  const int percent = coverage ? static_cast<int>(total_of(*coverage).percent()) : 100;
  const bool good = failed_of(results) == 0 && percent >= options.coverage_min;
  return good ? ExitCode::good : ExitCode::refused;
}

}  // namespace signalbox
