// check: is the configuration right, with its rules? Without files it is the configuration that
// `serve` would take; a file may be another configuration, or rules, which are checked against the
// agents of the one found.
#include <fmt/format.h>

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include "gateway/cli/commands.hpp"
#include "gateway/cli/doctor.hpp"
#include "gateway/cli/rule_files.hpp"
#include "gateway/config_file.hpp"

namespace signalbox {
namespace {

namespace json = boost::json;

struct Findings {
  std::vector<std::string> files;
  std::vector<Diagnostic> diagnostics;
  std::size_t rules = 0;

  void add(const std::vector<Diagnostic>& more) {
    diagnostics.insert(diagnostics.end(), more.begin(), more.end());
  }
  std::size_t count(Severity severity) const {
    return static_cast<std::size_t>(
        std::count_if(diagnostics.begin(), diagnostics.end(),
                      [&](const Diagnostic& d) { return d.severity == severity; }));
  }
};

void check_config(const std::string& path, const Environment& environment, Findings& findings) {
  const auto loaded = load_config(path, environment, {.need_secrets = false});
  findings.files.push_back(path);
  findings.add(loaded.diagnostics);
  if (!loaded.config) return;
  findings.files.insert(findings.files.end(), loaded.config->rule_files.begin(),
                        loaded.config->rule_files.end());
  findings.rules += loaded.config->rules->rules().size();
}

std::string_view word_of(Severity severity) noexcept {
  return severity == Severity::error ? "error" : severity == Severity::warning ? "warning" : "note";
}

std::string to_json(const Findings& findings) {
  json::array diagnostics;
  for (const Diagnostic& d : findings.diagnostics) {
    const std::string_view severity = word_of(d.severity);
    diagnostics.push_back(json::object{{"file", d.file},
                                       {"line", d.line},
                                       {"column", d.column},
                                       {"severity", json::string{severity.data(), severity.size()}},
                                       {"code", d.code},
                                       {"message", d.message}});
  }
  return json::serialize(
      json::object{{"files", json::array(findings.files.begin(), findings.files.end())},
                   {"rules", findings.rules},
                   {"errors", findings.count(Severity::error)},
                   {"warnings", findings.count(Severity::warning)},
                   {"diagnostics", std::move(diagnostics)}});
}

void show(Terminal& terminal, const Findings& findings) {
  for (const Diagnostic& diagnostic : findings.diagnostics) {
    terminal.line(terminal.styled(
        to_string(diagnostic), diagnostic.severity == Severity::error ? Style::bad : Style::warn));
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

}  // namespace

ExitCode run_check(Invocation& invocation, const CheckOptions& options) {
  const auto installation = Installation::find(invocation.common, invocation.process);
  if (!installation) return fail(invocation, installation.error());
  Findings findings;
  std::vector<std::string> rule_files;
  for (const std::string& path : options.files) {
    const auto text = read_text_file(path, config_file_bytes_max);
    if (!text) return fail(invocation, {ExitCode::usage, text.error().detail, {}});
    if (holds_rules(*text)) {
      rule_files.push_back(path);
    } else {
      check_config(path, installation->environment(), findings);
    }
  }
  if (options.files.empty()) {
    if (installation->config_path().empty()) {
      return fail(invocation, {ExitCode::usage, "no configuration found",
                               "signalbox check --config signalbox.yaml"});
    }
    check_config(installation->config_path(), installation->environment(), findings);
  }
  if (!rule_files.empty()) {
    const auto loaded = load_rule_files(*installation, rule_files);
    if (!loaded) return fail(invocation, loaded.error());
    findings.files.insert(findings.files.end(), rule_files.begin(), rule_files.end());
    findings.add(loaded->diagnostics);
    if (loaded->rules) findings.rules += loaded->rules->rules().size();
  }
  if (invocation.common.json) {
    invocation.terminal.json(to_json(findings));
  } else {
    show(invocation.terminal, findings);
  }
  const bool found = findings.count(Severity::error) > 0 ||
                     (options.strict && findings.count(Severity::warning) > 0);
  return found ? ExitCode::refused : ExitCode::good;
}

}  // namespace signalbox
