#include "gateway/hooks/decision.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "gateway/telemetry/hook_counters.hpp"
#include "gateway/telemetry/log.hpp"
#include "gateway/worker/runtime.hpp"

namespace signalbox {
namespace {

void count_rules(const Runtime& runtime, ThreadCounters& counters, const Decision& decision,
                 Time now) {
  for (const std::string& name : decision.matched) {
    counters.hooks.rules_matched.add();
    if (RuleCounters* rule = runtime.find_rule(name)) {
      rule->matched.fetch_add(1, std::memory_order_relaxed);
      rule->last_match_ms.store(now.time_since_epoch().count(), std::memory_order_relaxed);
    }
  }
  for (const RuleFailure& failure : decision.failures) {
    counters.hooks.rules_failed.add();
    if (RuleCounters* rule = runtime.find_rule(failure.rule)) {
      rule->failed.fetch_add(1, std::memory_order_relaxed);
    }
  }
}

void log_explanation(const Event& event, const RuleExplanation& why) {
  if (!why.stopped_by.empty()) {
    log_line(Severity::debug, "rule stopped",
             {{"event", event.id}, {"rule", why.rule}, {"by", why.stopped_by}});
  } else if (!why.failure.empty()) {
    log_line(Severity::debug, "rule failed",
             {{"event", event.id}, {"rule", why.rule}, {"detail", why.failure}});
  } else if (why.matched) {
    log_line(Severity::debug, "rule matched", {{"event", event.id}, {"rule", why.rule}});
  } else {
    log_line(Severity::debug, "rule did not match",
             {{"event", event.id},
              {"rule", why.rule},
              {"path", why.failed_path},
              {"expected", why.expected},
              {"actual", why.actual}});
  }
}

// Without debug lines nothing is done.
void log_explanations(const RuleSet& rules, const Event& event) {
  if (!log_enabled(Severity::debug)) return;
  const auto explanations = rules.explain(event);
  for (std::size_t i = 0; i < std::min(explanations.size(), explained_rules_max); ++i) {
    if (explanations[i].failed_path == "events") break;  // the others are for other events, too
    log_explanation(event, explanations[i]);
  }
}

}  // namespace

void keep_within(std::string_view space, const Config& config, Decision& decision) {
  std::erase_if(decision.messages, [&](const OutgoingMessage& message) {
    const AgentConfig* agent = config.find_agent(message.mailbox);
    if (agent == nullptr || agent->space == space) return false;
    decision.failures.push_back(
        {message.rule, fmt::format("'{}' is in namespace '{}', the source in '{}'", message.mailbox,
                                   agent->space, space)});
    return true;
  });
}

Decision decide(const Runtime& runtime, const SourceConfig& source, const Event& event, Time now,
                ThreadCounters& counters) {
  const Config& config = *runtime.config;
  Decision decision = config.rules->decide(event);
  keep_within(source.space, config, decision);
  count_rules(runtime, counters, decision, now);
  log_explanations(*config.rules, event);
  return decision;
}

}  // namespace signalbox
