#include "rules/rule_set.hpp"

#include <algorithm>
#include <cassert>

#include "event/ids.hpp"
#include "rules/automaton/automaton.hpp"
#include "rules/pattern/event_pattern.hpp"
#include "rules/rule.hpp"
#include "rules/rule_loader.hpp"

namespace signalbox {

struct RuleSet::Compiled {
  std::string site;
  std::vector<Rule> rules;
  std::vector<RuleInfo> infos;
  std::vector<RuleTest> tests;
  std::shared_ptr<const Automaton> automaton;
  std::string digest;
};

namespace {

std::string digest_of(std::span<const RuleFile> files) {
  std::string parts;
  for (const RuleFile& file : files) {
    const Digest digest = sha256(file.text);
    parts.append(digest.begin(), digest.end());
  }
  return base62(sha256(parts));
}

std::string events_json(const Rule& rule) {
  std::string json;
  for (const std::string& event : rule.info.events) {
    json += json.empty() ? "[\"" : ",\"";
    json += event;
    json += '"';
  }
  return json + ']';
}

// Each thread has one: what it grew to serves every event to come.
MatchScratch& scratch_of_thread() {
  static thread_local MatchScratch scratch;
  return scratch;
}

// The ways that end at one condition, which stands beside the `$or`, are one.
void add_ways(const Rule& rule, MatchTrace& trace, RuleExplanation& why) {
  const auto line_of = [&](const TracedBranch& ended) {
    return rule.match.places(ended.branch)[ended.condition].line;
  };
  if (trace.branches.empty()) return;
  why.condition_line = line_of(trace.branches[trace.furthest]);
  for (TracedBranch& ended : trace.branches) {
    const int line = line_of(ended);
    const bool told = std::ranges::any_of(why.ways, [&](const FailedWay& way) {
      return way.line == line && way.path == ended.path && way.expected == ended.expected;
    });
    if (told) continue;
    why.ways.push_back({ended.passed + 1, std::move(ended.path), std::move(ended.expected),
                        std::move(ended.actual), line});
  }
  if (why.ways.size() == 1) why.ways.clear();
}

RuleExplanation explain_rule(const Rule& rule, MatchTrace trace, const Event& event) {
  RuleExplanation why;
  why.rule = rule.info.name;
  why.file = rule.info.file;
  why.line = rule.info.line;
  if (!trace.wanted) {
    why.failed_path = "events";
    why.expected = events_json(rule);
    why.actual = '"' + event.type + '"';
    return why;
  }
  why.matched = trace.matched;
  why.passed = trace.passed + 1;  // with the event's type
  why.failed_path = std::move(trace.path);
  why.expected = std::move(trace.expected);
  why.actual = std::move(trace.actual);
  add_ways(rule, trace, why);
  return why;
}

Diagnostic too_complex(const TooComplex& problem, const std::vector<Rule>& rules) {
  Diagnostic diagnostic;
  diagnostic.severity = Severity::error;
  diagnostic.code = "too-complex";
  diagnostic.message = problem.what;
  for (std::size_t i = 0; i < problem.rules.size(); ++i) {
    const RuleInfo& info = rules[problem.rules[i]].info;
    if (i == 0) {
      diagnostic.file = info.file;
      diagnostic.line = info.line;
    }
    diagnostic.message += i == 0 ? "; most of it in " : ", ";
    diagnostic.message += info.name;
  }
  return diagnostic;
}

}  // namespace

RuleSet::RuleSet(std::unique_ptr<const Compiled> compiled) : compiled_{std::move(compiled)} {}
RuleSet::~RuleSet() = default;

LoadedRules RuleSet::load(std::span<const RuleFile> files, const Recipients& recipients,
                          std::string_view site) {
  LoadedRules loaded;
  RuleLoader loader{recipients, loaded.diagnostics};
  for (const RuleFile& file : files) loader.load(file);
  if (has_errors(loaded.diagnostics)) return loaded;
  auto compiled = std::make_unique<Compiled>();
  compiled->site = site;
  compiled->rules = loader.take_rules();
  std::stable_sort(compiled->rules.begin(), compiled->rules.end(),
                   [](const Rule& a, const Rule& b) { return a.info.priority > b.info.priority; });
  compiled->tests = loader.take_tests();
  compiled->digest = digest_of(files);
  std::vector<AutomatonRule> patterns;
  for (const Rule& rule : compiled->rules) {
    compiled->infos.push_back(rule.info);
    patterns.emplace_back(rule.match, rule.events);
  }
  TooComplex problem;
  compiled->automaton = Automaton::compile(patterns, problem);
  if (!compiled->automaton) {
    loaded.diagnostics.push_back(too_complex(problem, compiled->rules));
    return loaded;
  }
  assert(compiled->infos.size() == compiled->rules.size());
  loaded.rules.reset(new RuleSet{std::move(compiled)});
  return loaded;
}

Decision RuleSet::decide_again(const Event& event, unsigned generation,
                               std::span<const std::string> only_rules) const {
  Decision decision;
  for (const auto number :
       compiled_->automaton->match(event.type, event.body, scratch_of_thread())) {
    assert(number < compiled_->rules.size());
    const Rule& rule = compiled_->rules[number];
    if (!only_rules.empty() &&
        std::find(only_rules.begin(), only_rules.end(), rule.info.name) == only_rules.end()) {
      continue;
    }
    decision.matched.push_back(rule.info.name);
    Rendered rendered = render_messages(rule, event, compiled_->site, generation);
    if (!rendered.failure.empty())
      decision.failures.push_back({rule.info.name, std::move(rendered.failure)});
    if (decision.messages.empty()) {
      decision.messages = std::move(rendered.messages);
    } else {
      std::ranges::move(rendered.messages, std::back_inserter(decision.messages));
    }
    if (rule.info.stop) break;
  }
  return decision;
}

std::vector<RuleExplanation> RuleSet::explain(const Event& event,
                                              std::string_view only_rule) const {
  const std::vector<Rule>& rules = compiled_->rules;
  MatchScratch& scratch = scratch_of_thread();
  const auto matched = compiled_->automaton->match(event.type, event.body, scratch);
  const auto stop = std::ranges::find_if(matched, [&](auto n) { return rules[n].info.stop; });
  std::vector<RuleExplanation> explanations;
  for (std::uint32_t number = 0; number < rules.size(); ++number) {
    const Rule& rule = rules[number];
    if (!only_rule.empty() && rule.info.name != only_rule) continue;
    RuleExplanation& why = explanations.emplace_back(
        explain_rule(rule, compiled_->automaton->trace(number, event.body, scratch), event));
    if (!why.matched) continue;
    if (stop != matched.end() && *stop < number) {
      why.matched = false;
      why.stopped_by = rules[*stop].info.name;
    } else {
      why.failure = render_messages(rule, event, compiled_->site, 0).failure;
    }
  }
  std::stable_sort(explanations.begin(), explanations.end(),
                   [](const RuleExplanation& a, const RuleExplanation& b) {
                     return a.matched != b.matched ? a.matched : a.passed > b.passed;
                   });
  return explanations;
}

std::span<const RuleInfo> RuleSet::rules() const noexcept { return compiled_->infos; }
std::span<const RuleTest> RuleSet::tests() const noexcept { return compiled_->tests; }
const AutomatonStats& RuleSet::stats() const noexcept { return compiled_->automaton->stats(); }
const std::string& RuleSet::digest() const noexcept { return compiled_->digest; }

}  // namespace signalbox
