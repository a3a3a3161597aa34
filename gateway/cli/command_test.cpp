// test: runs the tests that rules carry, through the connector, the rules and the comparison that
// the gateway and the rules' own tests use.
#include <fmt/format.h>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <filesystem>

#include "gateway/cli/commands.hpp"
#include "gateway/cli/rule_files.hpp"
#include "gateway/local_event.hpp"
#include "rules/rule_test.hpp"

namespace signalbox {
namespace {

namespace json = boost::json;

struct TestResult {
  const RuleTest* test = nullptr;
  std::vector<std::string> faults;  // empty: passed
};

Result<std::string> body_of(const RuleTest& test) {
  if (test.event_path.empty()) return test.event_inline;
  const auto directory = std::filesystem::path{test.file}.parent_path();
  return read_body((directory / test.event_path).lexically_normal().string());
}

TestResult run_one(const RuleSet& rules, const RuleTest& test, Time now) {
  auto body = body_of(test);
  if (!body) return {&test, {body.error().detail}};
  const auto local = LocalEvent::make(test.type, std::move(*body), "test", now);
  if (!local) return {&test, {fmt::format("no event: {}", local.error().detail)}};
  const Event& event = (*local)->event();
  if (event.type != test.type) {
    return {&test, {fmt::format("the body makes this a {}, not a {}", event.type, test.type)}};
  }
  return {&test, check_rule_test(test, rules.decide(event))};
}

std::string to_json(const std::vector<TestResult>& results, std::size_t failed) {
  json::array tests;
  for (const TestResult& result : results) {
    tests.push_back(
        json::object{{"rule", result.test->rule},
                     {"file", result.test->file},
                     {"line", result.test->line},
                     {"type", result.test->type},
                     {"passed", result.faults.empty()},
                     {"faults", json::array(result.faults.begin(), result.faults.end())}});
  }
  return json::serialize(json::object{
      {"passed", results.size() - failed}, {"failed", failed}, {"tests", std::move(tests)}});
}

void show(Terminal& terminal, const std::vector<TestResult>& results, std::size_t failed) {
  for (const TestResult& result : results) {
    const bool passed = result.faults.empty();
    const RuleTest& test = *result.test;
    terminal.line(
        fmt::format("{}  {}  {}  {}",
                    terminal.styled(passed ? "pass" : "FAIL", passed ? Style::good : Style::bad),
                    terminal.styled(test.rule, Style::bold), printable(test.type),
                    terminal.styled(fmt::format("{}:{}", test.file, test.line), Style::dim)));
    for (const std::string& fault : result.faults) terminal.line("      " + printable(fault));
  }
  terminal.line(
      terminal.styled(fmt::format("{} passed, {} failed", results.size() - failed, failed),
                      failed == 0 ? Style::good : Style::bad));
}

Attempt<std::shared_ptr<const RuleSet>> find_rules(Invocation& invocation,
                                                   const TestOptions& options) {
  const auto installation = Installation::find(invocation.common, invocation.process);
  if (!installation) return installation.error();
  if (options.files.empty()) {
    const auto config = installation->load({.need_secrets = false});
    if (!config) return config.error();
    return (*config)->rules;
  }
  const auto loaded = load_rule_files(*installation, options.files);
  if (!loaded) return loaded.error();
  for (const Diagnostic& diagnostic : loaded->diagnostics) {
    invocation.terminal.advice(to_string(diagnostic));
  }
  if (!loaded->rules) return Failure{ExitCode::usage, "the rules are wrong", "signalbox check"};
  return loaded->rules;
}

}  // namespace

ExitCode run_test(Invocation& invocation, const TestOptions& options) {
  const auto rules = find_rules(invocation, options);
  if (!rules) return fail(invocation, rules.error());
  std::vector<TestResult> results;
  std::size_t failed = 0;
  for (const RuleTest& test : (*rules)->tests()) {
    results.push_back(run_one(**rules, test, invocation.now));
    failed += results.back().faults.empty() ? 0 : 1;
  }
  if (invocation.common.json) {
    invocation.terminal.json(to_json(results, failed));
  } else {
    show(invocation.terminal, results, failed);
  }
  return failed == 0 ? ExitCode::good : ExitCode::refused;
}

}  // namespace signalbox
