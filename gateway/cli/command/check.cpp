// check: is the configuration right, with its rules? Without files it is the configuration that
// `serve` would take; a file may be another configuration, or rules, which are checked against the
// agents of the one found. Rules that load are linted, whatever is wrong with others.
#include <fmt/format.h>

#include <algorithm>

#include "connectors/shapes/shapes.hpp"
#include "gateway/cli/check/check_findings.hpp"
#include "gateway/cli/check/rule_files.hpp"
#include "gateway/config/config_file.hpp"
#include "gateway/config/secret_doubts.hpp"
#include "rules/lint/lint.hpp"

namespace signalbox {
namespace {

struct CheckOptions {
  std::vector<std::string> files;  // configurations or rule files; empty: the one that is found
  bool strict = false;             // warnings count as findings
  bool stats = false;
  std::string format = "text";  // or json, sarif
};

// Files that cannot be read were reported when they were loaded.
void lint(const std::vector<std::string>& files, const Recipients& recipients,
          CheckFindings& findings) {
  const auto texts = read_rule_files(files);
  if (!texts) return;
  findings.add(lint_rules(*texts, recipients, payload_catalog(), has_test_file));
  if (!findings.with_stats) return;
  const auto costs = rule_costs(*texts, recipients);
  findings.costs.insert(findings.costs.end(), costs.begin(), costs.end());
}

void check_config(const std::string& path, const Environment& environment,
                  CheckFindings& findings) {
  const auto loaded = load_config(path, environment, {.need_secrets = false});
  findings.files.push_back(path);
  findings.add(loaded.diagnostics);
  findings.wrong_configuration =
      findings.wrong_configuration ||
      std::ranges::any_of(loaded.diagnostics, [&](const Diagnostic& diagnostic) {
        return diagnostic.severity == Severity::error && diagnostic.file == path;
      });
  if (!loaded.config) {
    const auto rest = load_config(path, environment, {.need_secrets = false, .lenient = true});
    if (rest.config) lint(rest.config->rule_files, recipients_of(*rest.config), findings);
    return;
  }
  const auto& files = loaded.config->rule_files;
  findings.files.insert(findings.files.end(), files.begin(), files.end());
  findings.rules += loaded.config->rules->rules().size();
  findings.stats.push_back(loaded.config->rules->stats());
  lint(files, recipients_of(*loaded.config), findings);
}

std::optional<Failure> check_rules(const Installation& installation, Terminal& terminal,
                                   const std::vector<std::string>& files, CheckFindings& findings) {
  const auto surroundings = find_surroundings(installation, terminal);
  if (!surroundings) return surroundings.error();
  const auto loaded = load_rule_files(*surroundings, files);
  if (!loaded) return loaded.error();
  findings.files.insert(findings.files.end(), files.begin(), files.end());
  findings.add(loaded->diagnostics);
  if (loaded->rules) {
    findings.rules += loaded->rules->rules().size();
    findings.stats.push_back(loaded->rules->stats());
  }
  lint(files, surroundings->recipients, findings);
  return std::nullopt;
}

std::optional<Failure> check_all(const Installation& installation, Terminal& terminal,
                                 const CheckOptions& options, CheckFindings& findings) {
  std::vector<std::string> rule_files;
  for (const std::string& path : options.files) {
    const auto text = read_text_file(path, config_file_bytes_max);
    if (!text) return usage_failure(text.error().detail);
    if (holds_rules(*text)) {
      rule_files.push_back(path);
    } else {
      check_config(path, installation.environment(), findings);
    }
  }
  if (options.files.empty()) {
    if (installation.config_path().empty()) {
      return usage_failure("no configuration found", "signalbox check --config signalbox.yaml");
    }
    check_config(installation.config_path(), installation.environment(), findings);
  }
  if (rule_files.empty()) return std::nullopt;
  return check_rules(installation, terminal, rule_files, findings);
}

ExitCode run_check(Invocation& invocation, const CheckOptions& options) {
  const std::string format = invocation.common.json ? "json" : options.format;
  const auto installation = Installation::find(invocation.common, invocation.process);
  if (!installation) return fail(invocation, installation.error());
  CheckFindings findings;
  findings.with_stats = options.stats;
  if (const auto failed = check_all(*installation, invocation.terminal, options, findings))
    return fail(invocation, *failed);
  if (format == "text") {
    show_findings(invocation.terminal, findings);
    // Of this user and not of what was checked, so no finding.
    if (const auto root = root_warning(); options.files.empty() && !root.empty())
      invocation.terminal.advice(fmt::format("warning: a gateway of this user {}", root));
  } else {
    invocation.terminal.json(format == "json" ? findings_json(findings) : findings_sarif(findings));
  }
  if (findings.wrong_configuration) return ExitCode::usage;
  const bool found = findings.count(Severity::error) > 0 ||
                     (options.strict && findings.count(Severity::warning) > 0);
  return found ? ExitCode::refused : ExitCode::good;
}

}  // namespace

namespace commands {

extern constinit const Command check;
constinit const Command check{
    .name = "check",
    .group = group::gateway,
    .summary = "Check the configuration, or rule files",
    .details =
        "Says what is wrong and what is suspicious, with file, line and column. Exit status 1 "
        "when something is wrong with rules, 2 when it is the configuration. Asks no server.",
    .examples = {{{"signalbox check", "what `serve` would take"},
                  {"signalbox check --strict rules/review.yaml", "one file; warnings count"},
                  {"signalbox check --format sarif", "for a code host"}}},
    .json = {{{.what = R"(`{"files":[…],"rules":5,"errors":0,"warnings":0,"diagnostics":)"
                       R"([{"file","line","column","severity","code","message"}]}`)"},
              {"--stats",
               R"(the same with `"stats":[{"rules","branches","conditions","fields","bytes",)"
               R"("compile_us"}]`, one for each set of rules: distinct conditions and fields, )"
               R"(memory and time that compiling took; and )"
               R"(`"costs":[{"rule","file","line","cost"}]`)"},
              {"--format sarif",
               "one run of "
               "[SARIF 2.1.0](https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html); "
               "`ruleId` is the code"}}},
    .arguments = {{{.name = "files",
                    .value = value::file,
                    .help = "Configurations or rule files",
                    .into = into<&CheckOptions::files>}}},
    .options = {{{.name = "--strict",
                  .help = "Warnings count as findings",
                  .into = into<&CheckOptions::strict>},
                 {.name = "--stats",
                  .help = "Say what the rules compile to, and what each costs",
                  .into = into<&CheckOptions::stats>},
                 {.name = "--format",
                  .value = {"FORMAT", Offer::words, "text json sarif"},
                  .help = "text, json or sarif; default text, --json is json",
                  .into = into<&CheckOptions::format>,
                  .only_words = true}}},
    .action = action<run_check>,
};

}  // namespace commands
}  // namespace signalbox
