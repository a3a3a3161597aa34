#include "gateway/hooks/explanation_log.hpp"

#include <algorithm>

#include "gateway/telemetry/log.hpp"

namespace signalbox {

void log_explanations(const RuleSet& rules, const Event& event) {
  if (!log_enabled(Severity::debug)) return;
  const auto explanations = rules.explain(event);
  for (std::size_t i = 0; i < std::min(explanations.size(), explained_rules_max); ++i) {
    const RuleExplanation& why = explanations[i];
    if (why.failed_path == "events") break;  // the others are for other events, too
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
}

}  // namespace signalbox
