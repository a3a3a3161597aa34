#include <fmt/format.h>

#include <array>

#include "gateway/monitoring/metric_families.hpp"
#include "gateway/monitoring/process_facts.hpp"
#include "gateway/telemetry/version.hpp"

namespace signalbox {
namespace {

using prometheus::MetricType;

constexpr std::array<std::pair<Listener, const char*>, 2> listener_names{
    {{Listener::hooks, "hooks"}, {Listener::api, "api"}}};

double seconds_since_epoch(Time time) {
  return static_cast<double>(time.time_since_epoch().count()) / 1e3;
}

double sum_of(const std::vector<const ThreadCounters*>& threads,
              std::atomic<std::int64_t> ThreadCounters::*gauge) {
  double sum = 0;
  for (const ThreadCounters* thread : threads) {
    sum += static_cast<double>((thread->*gauge).load(std::memory_order_relaxed));
  }
  return sum;
}

void collect_certificates(MetricFamilies& families, const Config& config) {
  families.begin("signalbox_tls_certificate_expiry_timestamp_seconds",
                 "When the certificate in use stops being valid, by listener.", MetricType::Gauge);
  for (const auto& [listener, name] : listener_names) {
    const auto& context = (listener == Listener::hooks ? config.hooks : config.api).tls_context;
    if (!context) continue;
    const auto expiry = std::chrono::system_clock::to_time_t(certificate_expiry(*context));
    families.value({{"listener", name}}, static_cast<double>(expiry));
  }
}

}  // namespace

void collect_connections(MetricFamilies& families,
                         const std::vector<const ThreadCounters*>& threads, const Gauges& gauges) {
  families.begin("signalbox_connections_accepted_total", "Accepted connections by listener.",
                 MetricType::Counter);
  families.counter(
      {{"listener", "hooks"}}, [](auto& t) -> auto& { return t.connections_hooks; });
  families.counter(
      {{"listener", "api"}}, [](auto& t) -> auto& { return t.connections_api; });
  families.begin("signalbox_tls_handshakes_total", "TLS handshakes by how they ended.",
                 MetricType::Counter);
  families.counter(
      {{"result", "done"}}, [](auto& t) -> auto& { return t.tls_handshakes; });
  families.counter(
      {{"result", "failed"}}, [](auto& t) -> auto& { return t.tls_handshakes_failed; });
  families.begin("signalbox_connections_refused_total",
                 "Connections closed at the limit, by listener.", MetricType::Counter);
  for (const auto& [listener, name] : listener_names) {
    families.value({{"listener", name}}, static_cast<double>(gauges.connections(listener).refused));
  }
  families.begin("signalbox_open_connections", "Connections that are open now, by listener.",
                 MetricType::Gauge);
  for (const auto& [listener, name] : listener_names) {
    families.value({{"listener", name}}, static_cast<double>(gauges.connections(listener).open));
  }
  families.begin("signalbox_buffered_bytes", "Bytes held in request buffers now.",
                 MetricType::Gauge);
  families.value({}, sum_of(threads, &ThreadCounters::bytes_in_flight));
  families.begin("signalbox_waiters", "Long polls and streams that wait for a mailbox now.",
                 MetricType::Gauge);
  families.value({}, sum_of(threads, &ThreadCounters::waiters));
}

void collect_stored(MetricFamilies& families, const Gauges& gauges) {
  const auto one = [&](const char* name, const char* help, MetricType type, std::uint64_t number) {
    families.begin(name, help, type);
    families.value({}, static_cast<double>(number));
  };
  using enum MetricType;
  one("signalbox_archive_events", "Events in the archive.", Gauge, gauges.archive_events());
  one("signalbox_archive_bytes", "Bytes of their records and bodies.", Gauge,
      gauges.archive_bytes());
  one("signalbox_archive_evicted_total", "Events that left it before their time.", Counter,
      gauges.archive_taken_out());
  one("signalbox_archive_evicted_bytes_total", "Bytes of those events.", Counter,
      gauges.archive_bytes_taken_out());
  const SpoolNumbers spool = gauges.spool();
  one("signalbox_spool_entries", "Commits on the disk that wait for Redis.", Gauge, spool.entries);
  one("signalbox_spool_bytes", "Their bytes.", Gauge, spool.bytes);
  one("signalbox_spool_appended_total", "Commits that went to the spool.", Counter, spool.appended);
  one("signalbox_spool_replayed_total", "Those that reached Redis.", Counter, spool.replayed);
  one("signalbox_spool_refused_total", "Commits that found no room on the disk.", Counter,
      spool.refused);
}

void collect_mailboxes(MetricFamilies& families, const Gauges& gauges) {
  const std::vector<MailboxState> mailboxes = gauges.mailboxes();
  families.begin("signalbox_mailbox_messages",
                 "Unacknowledged messages of an agent by state, as Redis said a moment ago.",
                 MetricType::Gauge);
  for (const MailboxState& mailbox : mailboxes) {
    const auto value = [&](const char* state, std::uint64_t count) {
      families.value({{"agent", mailbox.agent}, {"state", state}}, static_cast<double>(count));
    };
    value("ready", mailbox.counts.ready);
    value("leased", mailbox.counts.leased);
    value("waiting", mailbox.counts.waiting);
    value("dead", mailbox.counts.dead);
  }
  families.begin("signalbox_mailbox_oldest_message_age_seconds",
                 "Age of the oldest unacknowledged message of an agent; 0 when there is none.",
                 MetricType::Gauge);
  const Time now = SystemClock{}.now();
  for (const MailboxState& mailbox : mailboxes) {
    const Time oldest = std::min(mailbox.oldest.value_or(now), now);
    families.value({{"agent", mailbox.agent}},
                   seconds_since_epoch(now) - seconds_since_epoch(oldest));
  }
}

namespace {

void collect_rules(MetricFamilies& families, const AutomatonStats& stats) {
  const auto one = [&](const char* name, const char* what, double number) {
    families.begin(name, what, MetricType::Gauge);
    families.value({}, number);
  };
  const auto count = [](std::size_t number) { return static_cast<double>(number); };
  constexpr double us_of_second = 1e6;
  one("signalbox_rules_loaded", "Rules in use.", count(stats.rules));
  one("signalbox_rules_branches", "Ways to match: `$or` makes several of one rule.",
      count(stats.branches));
  one("signalbox_rules_conditions", "Distinct conditions of the rules.", count(stats.conditions));
  one("signalbox_rules_fields", "Distinct fields that the rules look at.", count(stats.fields));
  one("signalbox_rules_memory_bytes", "Memory of the compiled rules, about.", count(stats.bytes));
  one("signalbox_rules_compile_seconds", "How long the rules took to compile.",
      static_cast<double>(stats.compile_us) / us_of_second);
}

}  // namespace

void collect_configuration(MetricFamilies& families, const Runtime& runtime, const Gauges& gauges) {
  const Reloader::Status reloads = gauges.reloads();
  families.begin("signalbox_config_reloads_total", "Attempts to read the configuration again.",
                 MetricType::Counter);
  families.value({{"result", "success"}}, static_cast<double>(reloads.succeeded));
  families.value({{"result", "failure"}}, static_cast<double>(reloads.failed));
  families.begin("signalbox_config_last_reload_successful",
                 "1 unless the last attempt failed and the configuration before it stays.",
                 MetricType::Gauge);
  families.value({}, reloads.failure.empty() ? 1 : 0);
  families.begin("signalbox_config_last_reload_success_timestamp_seconds",
                 "When the configuration in use was read.", MetricType::Gauge);
  families.value({}, seconds_since_epoch(reloads.loaded));
  families.begin(
      "signalbox_config_generations",
      "Configurations in memory: more than 1 while requests end that began with an older one.",
      MetricType::Gauge);
  families.value({}, static_cast<double>(gauges.generations()));
  collect_rules(families, runtime.config->rules->stats());
  collect_certificates(families, *runtime.config);
}

void collect_rules(MetricFamilies& families, const Runtime& runtime) {
  const auto& rules = runtime.config->rules->rules();
  const auto each = [&](const char* name, const char* help, MetricType type, const auto& number) {
    families.begin(name, help, type);
    double others = 0;
    for (std::size_t i = 0; i < rules.size(); ++i) {
      const double value = number(*runtime.find_rule(rules[i].name));
      if (i < rule_series_max) {
        families.value({{"rule", rules[i].name}, {"owner", rules[i].owner}}, value);
      } else {
        others = type == MetricType::Counter ? others + value : std::max(others, value);
      }
    }
    if (rules.size() > rule_series_max)
      families.value({{"rule", "(others)"}, {"owner", ""}}, others);
  };
  each("signalbox_rule_matches_total", "Matches by rule.", MetricType::Counter,
       [](const RuleCounters& rule) { return static_cast<double>(rule.matched.load()); });
  each("signalbox_rule_failures_total", "Matches that could not be carried out, by rule.",
       MetricType::Counter,
       [](const RuleCounters& rule) { return static_cast<double>(rule.failed.load()); });
  each("signalbox_rule_last_match_timestamp_seconds",
       "When the rule matched last; 0 when it has not since the start.", MetricType::Gauge,
       [](const RuleCounters& rule) {
         return static_cast<double>(rule.last_match_ms.load()) / 1e3;
       });
  families.begin("signalbox_rule_files_set_aside",
                 "Broken rule files that are replaced by their last good version, or left out.",
                 MetricType::Gauge);
  families.value({}, static_cast<double>(runtime.config->set_aside.size()));
}

void collect_process(MetricFamilies& families, const Gauges& gauges) {
  const auto one = [&](std::string name, std::string help, MetricType type, double number) {
    families.begin(std::move(name), std::move(help), type);
    families.value({}, number);
  };
  one("signalbox_log_lines_dropped_total", "Log lines dropped because the log could not keep up.",
      MetricType::Counter, static_cast<double>(gauges.log_lines_dropped()));
  one("signalbox_ready", "1 when webhooks can be accepted durably.", MetricType::Gauge,
      gauges.ready() ? 1 : 0);
  families.begin("signalbox_build_info", "The running version and what it was built with.",
                 MetricType::Gauge);
  families.value({{"version", std::string{version}},
                  {"compiler", fmt::format("gcc {}.{}", __GNUC__, __GNUC_MINOR__)}},
                 1);
  const auto facts = read_process_facts();
  if (!facts) return;
  one("process_cpu_seconds_total", "Total user and system CPU time spent in seconds.",
      MetricType::Counter, facts->cpu_seconds);
  one("process_resident_memory_bytes", "Resident memory size in bytes.", MetricType::Gauge,
      static_cast<double>(facts->resident_bytes));
  one("process_open_fds", "Number of open file descriptors.", MetricType::Gauge,
      static_cast<double>(facts->open_descriptors));
  one("process_max_fds", "Maximum number of open file descriptors.", MetricType::Gauge,
      static_cast<double>(facts->descriptors_max));
  one("process_start_time_seconds", "Start time of the process since the epoch in seconds.",
      MetricType::Gauge, facts->start_seconds);
}

}  // namespace signalbox
