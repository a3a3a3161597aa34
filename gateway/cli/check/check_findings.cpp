#include "gateway/cli/check/check_findings.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include "gateway/cli/screen/json_members.hpp"
#include "gateway/cli/screen/phrases.hpp"

namespace signalbox {
namespace {

namespace json = boost::json;

std::string_view word_of(Severity severity) noexcept {
  return severity == Severity::error ? "error" : severity == Severity::warning ? "warning" : "note";
}

json::array stats_json(const std::vector<AutomatonStats>& sets) {
  json::array out;
  for (const AutomatonStats& stats : sets) {
    out.push_back(json::object{{"rules", stats.rules},
                               {"branches", stats.branches},
                               {"conditions", stats.conditions},
                               {"fields", stats.fields},
                               {"bytes", stats.bytes},
                               {"compile_us", stats.compile_us}});
  }
  return out;
}

std::string stats_line(const AutomatonStats& stats) {
  constexpr double bytes_of_kb = 1e3;
  constexpr double us_of_ms = 1e3;
  return fmt::format("compiled: {}, {} to match, {} on {}; {:.1f} KB, {:.1f} ms",
                     counted(stats.rules, "rule"), counted(stats.branches, "way"),
                     counted(stats.conditions, "condition"), counted(stats.fields, "field"),
                     static_cast<double>(stats.bytes) / bytes_of_kb,
                     static_cast<double>(stats.compile_us) / us_of_ms);
}

json::array costs_json(const std::vector<RuleCost>& costs) {
  json::array rows;
  for (const RuleCost& each : costs) {
    rows.push_back(json::object{
        {"rule", each.rule}, {"file", each.file}, {"line", each.line}, {"cost", each.cost}});
  }
  return rows;
}

// The dearest first.
void show_costs(Terminal& terminal, std::vector<RuleCost> costs) {
  std::ranges::stable_sort(costs, std::ranges::greater{}, &RuleCost::cost);
  std::vector<std::vector<Cell>> rows;
  for (const RuleCost& each : costs) {
    rows.push_back({{fmt::format("{}", each.cost)},
                    {each.rule, Style::bold},
                    {fmt::format("{}:{}", each.file, each.line), Style::dim}});
  }
  if (!rows.empty()) terminal.table({"COST", "RULE", "PLACE"}, rows, {1});
}

}  // namespace

void CheckFindings::add(const std::vector<Diagnostic>& more) {
  diagnostics.insert(diagnostics.end(), more.begin(), more.end());
}

std::size_t CheckFindings::count(Severity severity) const {
  return static_cast<std::size_t>(std::ranges::count(diagnostics, severity, &Diagnostic::severity));
}

std::string findings_json(const CheckFindings& findings) {
  json::array diagnostics;
  for (const Diagnostic& d : findings.diagnostics) {
    diagnostics.push_back(json::object{{"file", d.file},
                                       {"line", d.line},
                                       {"column", d.column},
                                       {"severity", json_text(word_of(d.severity))},
                                       {"code", d.code},
                                       {"message", d.message}});
  }
  json::object answer{{"files", json::array(findings.files.begin(), findings.files.end())},
                      {"rules", findings.rules},
                      {"errors", findings.count(Severity::error)},
                      {"warnings", findings.count(Severity::warning)},
                      {"diagnostics", std::move(diagnostics)}};
  if (findings.with_stats) {
    answer["stats"] = stats_json(findings.stats);
    answer["costs"] = costs_json(findings.costs);
  }
  return json::serialize(answer);
}

void show_findings(Terminal& terminal, const CheckFindings& findings) {
  for (const Diagnostic& diagnostic : findings.diagnostics) {
    terminal.line(terminal.styled(
        to_string(diagnostic), diagnostic.severity == Severity::error ? Style::bad : Style::warn));
  }
  if (findings.with_stats) {
    show_costs(terminal, findings.costs);
    for (const AutomatonStats& stats : findings.stats) terminal.line(stats_line(stats));
  }
  const auto errors = findings.count(Severity::error);
  const auto warnings = findings.count(Severity::warning);
  const auto files = counted(findings.files.size(), "file");
  const std::string totals =
      errors + warnings == 0 ? fmt::format("good: {} in {}", counted(findings.rules, "rule"), files)
                             : fmt::format("{}, {} in {}", counted(errors, "error"),
                                           counted(warnings, "warning"), files);
  terminal.line(terminal.styled(totals, errors > 0     ? Style::bad
                                        : warnings > 0 ? Style::warn
                                                       : Style::good));
}

}  // namespace signalbox
