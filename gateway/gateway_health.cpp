// What the running gateway tells monitoring: readiness and the numbers of a scrape.
#include <fmt/format.h>

#include "gateway/gateway.hpp"
#include "gateway/log.hpp"

namespace signalbox {

std::vector<HealthCheck> Gateway::checks() const {
  std::string detail;
  {
    const std::lock_guard lock{store_detail_mutex_};
    detail = store_detail_;
  }
  return {{"redis", store_ready_, std::move(detail)},
          {"listener", !draining_, draining_ ? "draining" : "open"},
          configuration_check()};
}

HealthCheck Gateway::configuration_check() const {
  const Reloader::Status status = reloader_.status();
  const RuleSet& rules = *runtime_.get()->config->rules;
  std::string detail =
      fmt::format("{} rules, read {}", rules.rules().size(), format_time(status.loaded));
  if (!status.failure.empty()) {
    detail += fmt::format("; the last reload failed and changed nothing: {}", status.failure);
  }
  return {"configuration", true, std::move(detail), !status.failure.empty()};
}

ConnectionNumbers Gateway::connections(Listener listener) const {
  ConnectionNumbers numbers;
  numbers.refused = (listener == Listener::hooks ? hooks_ : api_)->refused();
  for (const auto& worker : workers_) numbers.open += worker->load(listener);
  return numbers;
}

Health Gateway::health() const {
  Gauges gauges;
  gauges.ready = [this] { return store_ready_ && !draining_; };
  gauges.log_lines_dropped = log_lines_dropped;
  gauges.connections = [this](Listener listener) { return connections(listener); };
  gauges.mailboxes = [this] { return mailbox_watch_->states(); };
  gauges.redis_restarts = [this] { return redis_restarts_.load(); };
  gauges.generations = [this] { return runtime_.generations(); };
  gauges.reloads = [this] { return reloader_.status(); };
  return {[this] { return checks(); },
          [this, gauges] { return metrics_text(*runtime_.get(), counters_, gauges); }};
}

}  // namespace signalbox
