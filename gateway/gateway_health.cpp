// What the running gateway tells monitoring: readiness and the numbers of a scrape.
#include <fmt/format.h>

#include "gateway/gateway.hpp"
#include "gateway/monitoring/token_expiry.hpp"
#include "gateway/telemetry/hook_counters.hpp"
#include "gateway/telemetry/log.hpp"

namespace signalbox {
namespace {

// So many refusals for their time in ten minutes are no stray one.
constexpr std::uint64_t doubted_from = 3;

}  // namespace

// Webhooks can be taken durably: by Redis, or by the spool. What the spool says of itself counts
// where webhooks need it.
bool Gateway::can_accept() const { return !draining_ && can_keep(); }

bool Gateway::can_keep() const {
  return store_watch_->is_ready() || (spool_ && spool_->has_room());
}

// There has to be one.
HealthCheck Gateway::spool_check() const {
  std::string detail = fmt::format("{} entries wait", spool_->numbers().entries);
  const std::string trouble = spool_->trouble();
  if (!trouble.empty()) detail += "; " + trouble;
  // While Redis takes webhooks a spool that could not is no reason to send none.
  return {"spool", store_watch_->is_ready() || trouble.empty(), std::move(detail),
          !trouble.empty()};
}

std::vector<HealthCheck> Gateway::checks() const {
  std::string detail = store_watch_->detail();
  const bool store_ready = store_watch_->is_ready();
  std::vector<HealthCheck> found;
  if (spool_) {
    found.push_back(spool_check());
    if (!store_ready) detail += "; webhooks go to the spool";
  }
  found.push_back({"redis", can_keep(), std::move(detail)});
  found.push_back(store_check());
  found.push_back({"listener", !draining_, draining_ ? "draining" : "open"});
  found.push_back(configuration_check());
  found.push_back(audit_check());
  if (auto tokens = expiring_tokens(*runtime_.get()->config, SystemClock{}.now())) {
    found.push_back(std::move(*tokens));
  }
  if (auto doubted = clock_check()) found.push_back(std::move(*doubted));
  return found;
}

// What was lost stays said until a restart: an operator has to know, and webhooks are taken all the
// same.
HealthCheck Gateway::store_check() const {
  std::string lost = store_watch_->lost();
  if (lost.empty()) return {"store", true, "nothing that was acknowledged has gone"};
  return {"store", true, "store_rewound: " + lost, true};
}

std::optional<HealthCheck> Gateway::clock_check() const {
  const Time now = SystemClock{}.now();
  std::uint64_t refused = 0;
  for (const ThreadCounters* each : counters_) refused += each->hooks.out_of_time.value(now);
  if (refused < doubted_from) return std::nullopt;
  return HealthCheck{"clock", true,
                     fmt::format("{} deliveries with a good signature had a time out of range "
                                 "lately: is {} right? If so, somebody sends old ones again",
                                 refused, format_time(now)),
                     true};
}

HealthCheck Gateway::configuration_check() const {
  const Reloader::Status status = reloader_.status();
  const RuleSet& rules = *runtime_.get()->config->rules;
  std::string detail =
      fmt::format("{} rules, read {}", rules.rules().size(), format_time(status.loaded));
  if (!status.failure.empty()) {
    detail += fmt::format("; the last reload failed and changed nothing: {}", status.failure);
  }
  const auto& set_aside = runtime_.get()->config->set_aside;
  for (const SetAside& aside : set_aside) detail += "; " + to_string(aside);
  const bool warning = !status.failure.empty() || !set_aside.empty();
  return {"configuration", true, std::move(detail), warning};
}

HealthCheck Gateway::audit_check() const {
  const AuditLog::Numbers audit = audit_.numbers();
  std::string detail = audit.file.empty() ? "operators' calls are in the log"
                                          : "operators' calls are in " + audit.file;
  if (!audit.failure.empty()) detail = audit.failure;
  if (audit.lost > 0) detail += fmt::format("; {} records were lost", audit.lost);
  return {"audit", true, std::move(detail), !audit.failure.empty()};
}

ConnectionNumbers Gateway::connections(Listener listener) const {
  ConnectionNumbers numbers;
  const ListeningSocket& socket = listener == Listener::hooks ? *hooks_ : *api_;
  numbers.refused = socket.refused();
  numbers.refused_of_address = socket.refused_of_address();
  for (const auto& worker : workers_) numbers.open += worker->load(listener);
  return numbers;
}

Health Gateway::health() const {
  Gauges gauges;
  gauges.ready = [this] { return can_accept(); };
  gauges.spool = [this] { return spool_ ? spool_->numbers() : SpoolNumbers{}; };
  gauges.log_lines_dropped = log_lines_dropped;
  gauges.connections = [this](Listener listener) { return connections(listener); };
  gauges.mailboxes = [this] { return mailbox_watch_->states(); };
  gauges.audit = [this] { return audit_.numbers(); };
  gauges.archive_events = [this] { return trimmer_->events(); };
  gauges.archive_bytes = [this] { return trimmer_->bytes(); };
  gauges.archive_taken_out = [this] { return trimmer_->taken_out(); };
  gauges.archive_bytes_taken_out = [this] { return trimmer_->bytes_taken_out(); };
  gauges.redis_restarts = [this] { return redis_restarts_.load(); };
  gauges.store_rewinds = [this] { return store_watch_->rewinds(); };
  gauges.generations = [this] { return runtime_.generations(); };
  gauges.reloads = [this] { return reloader_.status(); };
  return {[this] { return checks(); },
          [this, gauges] { return metrics_text(*runtime_.get(), counters_, gauges); }};
}

}  // namespace signalbox
