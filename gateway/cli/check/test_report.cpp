#include "gateway/cli/check/test_report.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json/array.hpp>
#include <map>

namespace signalbox {
namespace {

namespace json = boost::json;

// Text for an attribute or an element; XML 1.0 cannot say control characters nor U+FFFE, U+FFFF.
std::string xml_text(std::string_view text) {
  std::string out;
  const std::string clean = printable(text);
  for (std::size_t i = 0; i < clean.size(); ++i) {
    const std::string_view rest = std::string_view{clean}.substr(i);
    if (rest.starts_with("\xEF\xBF\xBE") || rest.starts_with("\xEF\xBF\xBF")) {
      out += "\xEF\xBF\xBD";
      i += 2;
      continue;
    }
    switch (clean[i]) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      default:
        out += clean[i];
    }
  }
  return out;
}

void append_case(std::string& out, const TestResult& result) {
  const RuleTest& test = *result.test;
  out += fmt::format(R"(    <testcase classname="{}" name="{}, line {}" file="{}" line="{}")",
                     xml_text(test.rule), xml_text(test.type), test.line, xml_text(test.file),
                     test.line);
  if (result.faults.empty()) {
    out += "/>\n";
    return;
  }
  out += fmt::format(">\n      <failure message=\"{}\">", xml_text(result.faults.front()));
  for (const std::string& fault : result.faults) out += xml_text(fault) + "\n";
  out += "</failure>\n    </testcase>\n";
}

}  // namespace

std::size_t failed_of(std::span<const TestResult> results) noexcept {
  return static_cast<std::size_t>(
      std::ranges::count_if(results, [](const TestResult& r) { return !r.faults.empty(); }));
}

json::object results_json(std::span<const TestResult> results) {
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
  const std::size_t failed = failed_of(results);
  return {{"passed", results.size() - failed}, {"failed", failed}, {"tests", std::move(tests)}};
}

void show_results(Terminal& terminal, std::span<const TestResult> results) {
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
  const std::size_t failed = failed_of(results);
  terminal.line(
      terminal.styled(fmt::format("{} passed, {} failed", results.size() - failed, failed),
                      failed == 0 ? Style::good : Style::bad));
}

std::string results_junit(std::span<const TestResult> results) {
  std::map<std::string, std::vector<TestResult>> files;
  for (const TestResult& result : results) files[result.test->file].push_back(result);
  std::string out = fmt::format(
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
      "<testsuites name=\"signalbox\" tests=\"{}\" failures=\"{}\">\n",
      results.size(), failed_of(results));
  for (const auto& [file, tests] : files) {
    out += fmt::format("  <testsuite name=\"{}\" tests=\"{}\" failures=\"{}\">\n", xml_text(file),
                       tests.size(), failed_of(tests));
    for (const TestResult& result : tests) append_case(out, result);
    out += "  </testsuite>\n";
  }
  return out + "</testsuites>\n";
}

}  // namespace signalbox
