// What `test` tells: results for people and programs, JUnit's XML for CI systems, and what the
// tests do not exercise.
#pragma once

#include <boost/json/object.hpp>
#include <span>
#include <string>
#include <vector>

#include "gateway/cli/screen/terminal.hpp"
#include "rules/rule_coverage.hpp"

namespace signalbox {

struct TestResult {
  const RuleTest* test = nullptr;
  std::vector<std::string> faults;  // empty: passed
};

std::size_t failed_of(std::span<const TestResult> results) noexcept;

void show_results(Terminal& terminal, std::span<const TestResult> results);
boost::json::object results_json(std::span<const TestResult> results);

// One <testsuite> a file, as Jenkins, GitLab and others read it:
// https://github.com/testmoapp/junitxml
std::string results_junit(std::span<const TestResult> results);

// Each outcome that no test exercised, with its place, and the share of those that were.
void show_coverage(Terminal& terminal, std::span<const RuleCoverage> rules);
boost::json::object coverage_json(std::span<const RuleCoverage> rules);

}  // namespace signalbox
