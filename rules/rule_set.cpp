#include "rules/rule_set.hpp"

#include <algorithm>

#include "event/ids.hpp"
#include "rules/event_pattern.hpp"
#include "rules/rule.hpp"
#include "rules/rule_loader.hpp"

namespace signalbox {

struct RuleSet::Compiled {
  std::string site;
  std::vector<Rule> rules;
  std::vector<RuleInfo> infos;
  std::vector<RuleTest> tests;
  EventIndex index;
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

RuleExplanation explain_rule(const Rule& rule, bool covered, const Event& event,
                             std::string_view site) {
  RuleExplanation why;
  why.rule = rule.info.name;
  why.file = rule.info.file;
  why.line = rule.info.line;
  if (!covered) {
    why.failed_path = "events";
    why.expected = events_json(rule);
    why.actual = '"' + event.type + '"';
    return why;
  }
  MatchTrace trace;
  why.matched = rule.match.matches(event.body, &trace);
  why.passed = trace.passed + 1;  // with the event's type
  if (!why.matched) {
    why.failed_path = std::move(trace.path);
    why.expected = std::move(trace.expected);
    why.actual = std::move(trace.actual);
  } else if (const auto messages = render_messages(rule, event, site, 0); !messages) {
    why.failure = messages.error().detail;
  }
  return why;
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
  compiled->tests = loader.take_tests();
  compiled->digest = digest_of(files);
  for (std::size_t i = 0; i < compiled->rules.size(); ++i) {
    const Rule& rule = compiled->rules[i];
    compiled->infos.push_back(rule.info);
    for (const EventPattern& pattern : rule.events) {
      compiled->index.add(pattern, static_cast<EventIndex::RuleNumber>(i));
    }
  }
  loaded.rules.reset(new RuleSet{std::move(compiled)});
  return loaded;
}

Decision RuleSet::decide_again(const Event& event, unsigned generation,
                               std::span<const std::string> only_rules) const {
  Decision decision;
  for (const auto number : compiled_->index.find(event.type)) {
    const Rule& rule = compiled_->rules[number];
    if (!only_rules.empty() &&
        std::find(only_rules.begin(), only_rules.end(), rule.info.name) == only_rules.end()) {
      continue;
    }
    if (!rule.match.matches(event.body)) continue;
    decision.matched.push_back(rule.info.name);
    auto messages = render_messages(rule, event, compiled_->site, generation);
    if (!messages) {
      decision.failures.push_back({rule.info.name, messages.error().detail});
      continue;
    }
    std::move(messages->begin(), messages->end(), std::back_inserter(decision.messages));
  }
  return decision;
}

std::vector<RuleExplanation> RuleSet::explain(const Event& event,
                                              std::string_view only_rule) const {
  const auto candidates = compiled_->index.find(event.type);
  std::vector<RuleExplanation> explanations;
  for (std::size_t i = 0; i < compiled_->rules.size(); ++i) {
    const Rule& rule = compiled_->rules[i];
    if (!only_rule.empty() && rule.info.name != only_rule) continue;
    const bool covered = std::binary_search(candidates.begin(), candidates.end(), i);
    explanations.push_back(explain_rule(rule, covered, event, compiled_->site));
  }
  std::stable_sort(explanations.begin(), explanations.end(),
                   [](const RuleExplanation& a, const RuleExplanation& b) {
                     return a.matched != b.matched ? a.matched : a.passed > b.passed;
                   });
  return explanations;
}

std::span<const RuleInfo> RuleSet::rules() const noexcept { return compiled_->infos; }
std::span<const RuleTest> RuleSet::tests() const noexcept { return compiled_->tests; }
const std::string& RuleSet::digest() const noexcept { return compiled_->digest; }

}  // namespace signalbox
