// What the tests of rules do not exercise, for people and programs.
#include <fmt/format.h>

#include <boost/json/array.hpp>

#include "gateway/cli/check/test_report.hpp"
#include "gateway/cli/screen/json_members.hpp"

namespace signalbox {
namespace {

namespace json = boost::json;

// What never happened to a part, in the words of its kind.
std::vector<std::string_view> gaps_of(const CoveredPart& part) {
  std::vector<std::string_view> gaps;
  switch (part.kind) {
    case CoveredPart::Kind::rule:
      if (!part.held) gaps.emplace_back("never matches");
      if (!part.failed) gaps.emplace_back("always matches");
      break;
    case CoveredPart::Kind::event_type:
      if (!part.held) gaps.emplace_back("never tried");
      break;
    case CoveredPart::Kind::condition:
    case CoveredPart::Kind::way:
      if (!part.held) gaps.emplace_back("never true");
      if (!part.failed) gaps.emplace_back("never false");
      break;
  }
  return gaps;
}

}  // namespace

void show_coverage(Terminal& terminal, std::span<const RuleCoverage> rules) {
  for (const RuleCoverage& rule : rules) {
    if (rule.tests == 0) {
      terminal.line(terminal.styled(
          fmt::format("{}:{}: {}: no tests", rule.file, rule.line, rule.rule), Style::warn));
      continue;
    }
    for (const CoveredPart& part : rule.parts) {
      for (const std::string_view gap : gaps_of(part)) {
        const std::string what = part.kind == CoveredPart::Kind::rule ? "" : part.text + ' ';
        terminal.line(terminal.styled(fmt::format("{}:{}:{}: {}: {}{}", rule.file, part.line,
                                                  part.column, rule.rule, what, gap),
                                      Style::warn));
      }
    }
  }
  const CoverageTotal total = total_of(rules);
  terminal.line(terminal.styled(fmt::format("coverage {}%: {} of {} outcomes", total.percent(),
                                            total.covered, total.outcomes),
                                total.covered == total.outcomes ? Style::good : Style::warn));
}

json::object coverage_json(std::span<const RuleCoverage> rules) {
  json::array list;
  for (const RuleCoverage& rule : rules) {
    json::array missing;
    for (const CoveredPart& part : rule.parts) {
      for (const std::string_view gap : gaps_of(part)) {
        missing.push_back(json::object{{"line", part.line},
                                       {"column", part.column},
                                       {"part", json_text(to_string(part.kind))},
                                       {"text", part.text},
                                       {"gap", json_text(gap)}});
      }
    }
    const CoverageTotal total = total_of({&rule, 1});
    list.push_back(json::object{{"rule", rule.rule},
                                {"file", rule.file},
                                {"line", rule.line},
                                {"tests", rule.tests},
                                {"percent", total.percent()},
                                {"missing", std::move(missing)}});
  }
  const CoverageTotal total = total_of(rules);
  return {{"percent", total.percent()},
          {"outcomes", total.outcomes},
          {"covered", total.covered},
          {"rules", std::move(list)}};
}

}  // namespace signalbox
