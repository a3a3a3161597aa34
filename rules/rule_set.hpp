// The rules of an installation, loaded and compiled: which events, under which conditions, produce
// which messages for which work. Pure and immutable after load: any number of threads may decide at
// once.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "event/event.hpp"
#include "event/message.hpp"
#include "rules/automaton/automaton_stats.hpp"
#include "rules/source/diagnostic.hpp"

namespace signalbox {

// Who can be written to: a `to:` that names anybody else is an error at load.
struct Recipients {
  std::vector<std::string> agents;                         // each is a mailbox
  std::map<std::string, std::vector<std::string>> topics;  // name -> mailboxes
  // Anybody: what `to:` names is a mailbox of that name. For rules without a configuration.
  bool any = false;
};

struct RuleFile {
  std::string name;  // as it appears in messages
  std::string text;
};

// A message that a rule decided on, ready to be stored.
struct OutgoingMessage {
  std::string id;  // "m_…"
  std::string mailbox;
  std::string work;  // "w_…", or empty: the FIFO group within the mailbox
  std::string rule;
  MessageKind kind = MessageKind::event;
  std::string task;  // "main" unless the rule names another
  std::string json;  // rendered, without `sequence`
};

// A rule that matched and could not be carried out: a template met a value that is not there. Where
// that was in some items of `for_each`, the messages of the others are there all the same.
struct RuleFailure {
  std::string rule;
  std::string detail;
};

struct Decision {
  std::vector<OutgoingMessage> messages;
  std::vector<std::string> matched;  // names of the rules that matched, failed ones included
  std::vector<RuleFailure> failures;
};

// One way of a rule's `$or` that does not hold.
struct FailedWay {
  std::size_t passed = 0;  // predicates that held before the one that failed
  std::string path;
  std::string expected;
  std::string actual;
  int line = 0;  // of the condition
};

// Why a rule did or did not match one event.
struct RuleExplanation {
  std::string rule;
  std::string file;
  int line = 0;
  bool matched = false;
  std::size_t passed = 0;    // predicates that held before the first that failed
  std::string failed_path;   // "events", or "pull_request.draft"
  std::string expected;      // the predicate as JSON
  std::string actual;        // the values that it saw, cut; "(missing)" where there are none
  int condition_line = 0;    // of the condition; 0 where none failed
  std::string failure;       // matched, but a template failed: its error
  std::string stopped_by{};  // it would have matched; the rule with `stop` before it
  // Each way of `$or` where there are several that fail at different conditions, those of the first
  // `traced_branches_max`.
  std::vector<FailedWay> ways{};
};

struct ExpectedMessage {
  std::string to;
  std::string kind;
  std::optional<std::string> task;
  std::optional<std::string> summary;  // `*` in it stands for any characters
  std::string data;  // as JSON: fields that the data must have, among others; empty: any
};

// A `tests:` entry of a rule.
struct RuleTest {
  std::string rule;
  std::string file;  // of the rule
  int line = 0;
  std::string type;                     // event type
  std::string event_path;               // body file, as written; relative to the rule's file
  std::string event_inline;             // or as JSON what is laid upon the sample of its type
  std::vector<ExpectedMessage> expect;  // empty: the rule must not match
};

struct RuleInfo {
  std::string name;  // with its file's prefix
  std::string file;
  int line = 0;
  std::string owner;          // of its file; may be empty
  std::int64_t priority = 0;  // higher ones come first
  bool stop = false;          // where it matches, no later rule does
  std::vector<std::string> events;
  std::vector<std::string> recipients;  // mailboxes
};

struct LoadedRules;

class RuleSet {
 public:
  // Never throws on bad input; all that is wrong is in the diagnostics. `rules` is null when any is
  // an error.
  static LoadedRules load(std::span<const RuleFile> files, const Recipients& recipients,
                          std::string_view site);

  RuleSet(const RuleSet&) = delete;
  RuleSet& operator=(const RuleSet&) = delete;
  ~RuleSet();

  Decision decide(const Event& event) const { return decide_again(event, 0, {}); }
  // The same for a replay: its messages' ids are those of the `generation`. Only the rules named;
  // all where none is.
  Decision decide_again(const Event& event, unsigned generation,
                        std::span<const std::string> only_rules) const;

  // The same evaluation with a trace: for each rule, or the one named. Matched first, then near
  // misses.
  std::vector<RuleExplanation> explain(const Event& event, std::string_view only_rule = {}) const;

  // In the order in which they decide: by priority, then by their files and places.
  std::span<const RuleInfo> rules() const noexcept;
  std::span<const RuleTest> tests() const noexcept;

  const AutomatonStats& stats() const noexcept;

  // Base 62 digest of the files' texts: which rules decided.
  const std::string& digest() const noexcept;

 private:
  struct Compiled;
  explicit RuleSet(std::unique_ptr<const Compiled> compiled);
  std::unique_ptr<const Compiled> compiled_;
};

struct LoadedRules {
  std::shared_ptr<const RuleSet> rules;
  std::vector<Diagnostic> diagnostics;
};

}  // namespace signalbox
