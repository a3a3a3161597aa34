// The linter's checks, one file each. Each looks at what was written and says what it finds.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "event/payload_catalog.hpp"
#include "rules/lint/lint.hpp"
#include "rules/source/diagnostic.hpp"
#include "rules/written_rule.hpp"

namespace signalbox {

// Where findings go.
class LintReport {
 public:
  struct Found {
    const WrittenRule* rule;
    Diagnostic diagnostic;
  };

  void add(const WrittenRule& rule, Place place, std::string_view code, std::string message);
  std::vector<Found>& found() noexcept { return found_; }

 private:
  std::vector<Found> found_;
};

// The types of the catalog that a rule wants.
struct WantedTypes {
  std::vector<std::string_view> types;  // of the catalog, or as written where they are not known
  bool all_known = true;  // no event of the rule may be one that the catalog does not know
};
WantedTypes wanted_types(const WrittenRule& rule, const PayloadCatalog& catalog);

// The last part of a type that has three, "opened"; empty where there is none or any may come.
std::string_view action_of(std::string_view type) noexcept;

// unknown-event
void lint_events(const WrittenRule& rule, const PayloadCatalog& catalog, LintReport& report);
// impossible-value, never-matches: conditions on the action that the event's type has named already
void lint_actions(const WrittenRule& rule, const WantedTypes& wanted, LintReport& report);
// The bodies of these types; none where one is not known.
std::vector<const PayloadShape*> wanted_bodies(const WantedTypes& wanted,
                                               const PayloadCatalog& catalog);

// unknown-field, impossible-value, unknown-value, never-matches, always-holds, some-element. No
// bodies: nothing is known.
void lint_fields(const WrittenRule& rule, const std::vector<const PayloadShape*>& bodies,
                 LintReport& report);
// unknown-field, template-may-fail, long-value
void lint_templates(const WrittenRule& rule, const std::vector<const PayloadShape*>& bodies,
                    LintReport& report);
// literal-star, impossible-value, unknown-value, always-holds, not-a-template: what needs no shapes
void lint_spelling(const WrittenRule& rule, const WantedTypes& wanted, LintReport& report);
// anyone-assigns
void lint_senders(const WrittenRule& rule, const WantedTypes& wanted, LintReport& report);
// untested-rule, unknown-event, missing-file
void lint_tests(const WrittenRule& rule, const PayloadCatalog& catalog, const FileProbe& has_file,
                LintReport& report);

// duplicate-rule: the same events, conditions and messages
void lint_duplicates(std::span<const WrittenRule> rules, LintReport& report);
// shadowed-rule: a rule before it, with `stop`, matches whatever it matches
void lint_shadowed(std::span<const WrittenRule> rules, LintReport& report);

// One code of a `# signalbox:ignore` comment.
struct IgnoreComment {
  std::string file;
  Place place;
  int target = 0;  // the line that it is about: its own, or the next one that holds more
  std::string code;
  bool used = false;
};
std::vector<IgnoreComment> ignore_comments(const RuleFile& file);
// What nobody wants to see is left out, of its own line or of all of its rule; unused-ignore is
// added.
std::vector<Diagnostic> apply_ignores(std::vector<LintReport::Found> found,
                                      std::vector<IgnoreComment> comments);

}  // namespace signalbox
