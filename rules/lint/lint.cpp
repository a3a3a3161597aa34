#include "rules/lint/lint.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <tuple>

#include "rules/lint/lint_checks.hpp"
#include "rules/rule_loader.hpp"

namespace signalbox {
namespace {

constexpr std::array codes{
    LintCode{"unknown-event", "`events` names a type that the provider is not known to send."},
    LintCode{"impossible-value", "A value that the field never has in these events."},
    LintCode{"unknown-value",
             "A text that the field is not known to have in these events: its "
             "provider documents all that it has, or writes it otherwise."},
    LintCode{"never-matches", "A condition, or a way of `$or`, that no event can meet."},
    LintCode{"unknown-field",
             "A condition or a template names a field that these events are not "
             "known to have."},
    LintCode{"always-holds",
             "A list that asks nothing: `exists` looks at an object, or two `anything-but` "
             "stand in it."},
    LintCode{"some-element",
             "`anything-but` on a field in a list, where one other element is enough."},
    LintCode{"literal-star", "A plain text with `*`, which only `wildcard` reads."},
    LintCode{"not-a-template",
             "A text that is a template elsewhere: as other systems spell it, or within "
             "`match`, which takes none."},
    LintCode{"anyone-assigns",
             "A rule about comments of GitHub assigns work and asks nothing of the author."},
    LintCode{"template-may-fail",
             "A template takes over a value that may be missing, or a null "
             "within a text, and no condition of the rule rules that out: "
             "the rule then sends nothing."},
    LintCode{
        "long-value",
        "A value of `data` may be longer than a message: it is cut then, and says where all of "
        "it is."},
    LintCode{"shadowed-rule",
             "A rule before this one has `stop: true` and matches each event "
             "that this one matches."},
    LintCode{"duplicate-rule", "Another rule has the same events, conditions and messages."},
    LintCode{"untested-rule", "The rule has no `tests`."},
    LintCode{"missing-file", "A test names a file that is not there."},
    LintCode{"unused-ignore", "A `# signalbox:ignore` names a code that is not found there."},
};

// What a list of events stands for.
struct Wanted {
  WantedTypes types;
  std::vector<const PayloadShape*> bodies;
};

std::vector<IgnoreComment> comments_of(std::span<const RuleFile> files,
                                       std::span<const Diagnostic> diagnostics) {
  std::vector<IgnoreComment> comments;
  for (const RuleFile& file : files) {
    const bool broken = std::ranges::any_of(diagnostics, [&](const Diagnostic& diagnostic) {
      return diagnostic.severity == Severity::error && diagnostic.file == file.name;
    });
    for (IgnoreComment& comment : ignore_comments(file)) {
      comment.used = broken;  // what it is about may stand in a rule that does not load
      comments.push_back(std::move(comment));
    }
  }
  return comments;
}

}  // namespace

void LintReport::add(const WrittenRule& rule, Place place, std::string_view code,
                     std::string message) {
  found_.push_back({&rule,
                    {rule.info.file, place.line, place.column, Severity::warning, std::string{code},
                     std::move(message)}});
}

std::span<const LintCode> all_lint_codes() noexcept { return codes; }

std::string lint_codes_markdown() {
  std::string out = "| code | says |\n| --- | --- |\n";
  for (const LintCode& row : codes) out += fmt::format("| `{}` | {} |\n", row.code, row.meaning);
  return out;
}

std::vector<Diagnostic> lint_rules(std::span<const RuleFile> files, const Recipients& recipients,
                                   const PayloadCatalog& catalog, const FileProbe& has_file) {
  std::vector<Diagnostic> diagnostics;
  std::vector<WrittenRule> rules;
  RuleLoader loader{recipients, diagnostics, &rules};
  for (const RuleFile& file : files) loader.load(file);
  LintReport report;
  std::map<std::vector<std::string>, Wanted> known;  // many rules want the same events
  for (const WrittenRule& rule : rules) {
    const auto [entry, added] = known.try_emplace(rule.info.events);
    Wanted& wanted = entry->second;
    if (added) {
      wanted.types = wanted_types(rule, catalog);
      wanted.bodies = wanted_bodies(wanted.types, catalog);
    }
    lint_events(rule, catalog, report);
    lint_actions(rule, wanted.types, report);
    lint_fields(rule, wanted.bodies, report);
    lint_templates(rule, wanted.bodies, report);
    lint_spelling(rule, wanted.types, report);
    lint_senders(rule, wanted.types, report);
    lint_tests(rule, catalog, has_file, report);
  }
  lint_duplicates(rules, report);
  lint_shadowed(rules, report);
  auto warnings = apply_ignores(std::move(report.found()), comments_of(files, diagnostics));
  // Files stay in the order in which they were named.
  const auto file_number = [&](const Diagnostic& d) {
    return std::ranges::find(files, d.file, &RuleFile::name) - files.begin();
  };
  std::ranges::stable_sort(warnings, {}, [&](const Diagnostic& d) {
    return std::tuple{file_number(d), d.line, d.column};
  });
  return warnings;
}

}  // namespace signalbox
