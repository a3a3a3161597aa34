// Every metric in one table: what it is called, what it says, and where that is counted or read. A
// counter is a member of one of the gateway/telemetry/*_counters.hpp, which its part of the gateway
// adds to. docs/OPERATIONS.md shows the table; tests/write-docs writes it there.
#include "gateway/monitoring/metric_samples.hpp"

namespace signalbox::metric {
namespace {

using Labels = std::vector<std::string_view>;
using Collect = void (*)(const Scrape& s, Samples& out);

MetricRow counter(std::string_view name, std::string_view help, Labels labels, Collect collect) {
  return {name, help, MetricType::counter, std::move(labels), collect};
}
MetricRow counter(std::string_view name, std::string_view help, Collect collect) {
  return counter(name, help, {}, collect);
}
MetricRow gauge(std::string_view name, std::string_view help, Labels labels, Collect collect) {
  return {name, help, MetricType::gauge, std::move(labels), collect};
}
MetricRow gauge(std::string_view name, std::string_view help, Collect collect) {
  return gauge(name, help, {}, collect);
}
MetricRow histogram(std::string_view name, std::string_view help, Labels labels, Collect collect) {
  return {name, help, MetricType::histogram, std::move(labels), collect};
}

// Nothing where /proc cannot be read.
template <auto fact>
void of_process(const Scrape& scrape, Samples& samples) {
  if (scrape.process) samples.add((*scrape.process).*fact);
}

const std::vector<MetricRow> metric_rows{
    counter("signalbox_deliveries_received_total",
            "Webhook requests that named a configured source.", {"source"},
            counted_by_source<&SourceCounters::received>),
    counter("signalbox_deliveries_received_bytes_total", "Body bytes of those requests.",
            {"source"}, counted_by_source<&SourceCounters::received_bytes>),
    counter("signalbox_deliveries_verified_total", "Deliveries with a valid signature.", {"source"},
            counted_by_source<&SourceCounters::verified>),
    counter("signalbox_deliveries_total", "Verified deliveries by how they ended.",
            {"source", "status"}, deliveries_ended),
    counter("signalbox_deliveries_refused_total",
            "Webhook requests that were refused, by reason; source is empty where none was known.",
            {"source", "reason"}, deliveries_refused),
    counter("signalbox_api_requests_total", "Requests to the private listener.",
            counted<&ApiCounters::requests>),
    counter("signalbox_api_refused_total",
            "Requests to the private listener that were refused, by reason.", {"reason"},
            api_calls_refused),
    counter("signalbox_api_calls_total",
            "Calls of each agent, operator and of monitoring, by outcome: `success`, `refused` "
            "(4xx), `failed` (5xx).",
            {"role", "principal", "outcome"}, calls_by_principal),
    counter("signalbox_audit_records_total",
            "Records of operators' calls: `written`, or `lost` because of the disk.", {"result"},
            [](const Scrape& s, Samples& out) {
              const AuditLog::Numbers audit = s.gauges.audit();
              out.add(audit.written, {"written"});
              out.add(audit.lost, {"lost"});
            }),
    gauge("signalbox_token_expiry_timestamp_seconds",
          "When a token of the configuration expires; those that never do are left out.",
          {"role", "principal", "token"}, token_expiries),
    counter("signalbox_messages_total", "Messages that were stored, by kind.", {"kind"},
            messages_stored),
    counter("signalbox_rules_matched_total", "Rule matches.",
            counted<&HookCounters::rules_matched>),
    counter("signalbox_rules_failed_total", "Rules that matched and could not be carried out.",
            counted<&HookCounters::rules_failed>),
    counter("signalbox_rule_matches_total",
            "Matches by rule. The first 500 rules have series of their own, the others are one: "
            "`(others)`.",
            {"rule", "owner"}, rule_matches),
    counter("signalbox_rule_failures_total", "Matches that could not be carried out, by rule.",
            {"rule", "owner"}, rule_failures),
    gauge("signalbox_rule_last_match_timestamp_seconds",
          "When the rule matched last; 0 when it has not since the start.", {"rule", "owner"},
          rule_last_matches),
    gauge("signalbox_rule_files_set_aside",
          "Broken rule files that are replaced by their last good version, or left out.",
          [](const Scrape& s, Samples& out) { out.add(s.runtime.config->set_aside.size()); }),
    histogram("signalbox_stage_duration_seconds", "Time of a delivery by stage.", {"stage"},
              stages_observed),
    counter("signalbox_bodies_archived_total", "Bodies stored in the background.",
            counted<&ArchiveCounters::archived>),
    counter("signalbox_bodies_not_archived_total",
            "Bodies of unmatched events that were dropped instead of archived.",
            counted<&ArchiveCounters::not_archived>),
    histogram("signalbox_redis_round_trip_seconds", "Time from a command to its reply.", {},
              redis_round_trips_observed),
    counter("signalbox_redis_connects_total", "Connections to Redis that were made.",
            counted<&RedisCounters::connects>),
    counter("signalbox_redis_losses_total",
            "Connections to Redis that broke, and attempts to make one that failed.",
            counted<&RedisCounters::losses>),
    counter("signalbox_redis_restarts_total", "Starts of the embedded Redis after its death.",
            [](const Scrape& s, Samples& out) { out.add(s.gauges.redis_restarts()); }),
    counter("signalbox_store_rewound_total",
            "Times that the store was found to have lost what was acknowledged.",
            [](const Scrape& s, Samples& out) { out.add(s.gauges.store_rewinds()); }),
    gauge("signalbox_spool_entries", "Commits on the disk that wait for Redis.",
          [](const Scrape& s, Samples& out) { out.add(s.spool.entries); }),
    gauge("signalbox_spool_bytes", "Their bytes.",
          [](const Scrape& s, Samples& out) { out.add(s.spool.bytes); }),
    counter("signalbox_spool_appended_total", "Commits that went to the spool.",
            [](const Scrape& s, Samples& out) { out.add(s.spool.appended); }),
    counter("signalbox_spool_replayed_total", "Those that reached Redis.",
            [](const Scrape& s, Samples& out) { out.add(s.spool.replayed); }),
    counter("signalbox_spool_refused_total", "Commits that found no room on the disk.",
            [](const Scrape& s, Samples& out) { out.add(s.spool.refused); }),
    gauge("signalbox_archive_events", "Events in the archive.",
          [](const Scrape& s, Samples& out) { out.add(s.gauges.archive_events()); }),
    gauge("signalbox_archive_bytes", "Bytes of their records and bodies.",
          [](const Scrape& s, Samples& out) { out.add(s.gauges.archive_bytes()); }),
    counter("signalbox_archive_evicted_total", "Events that left it before their time.",
            [](const Scrape& s, Samples& out) { out.add(s.gauges.archive_taken_out()); }),
    counter("signalbox_archive_evicted_bytes_total", "Bytes of those events.",
            [](const Scrape& s, Samples& out) { out.add(s.gauges.archive_bytes_taken_out()); }),
    counter("signalbox_connections_accepted_total", "Accepted connections by listener.",
            {"listener"}, connections_accepted),
    counter("signalbox_connections_refused_total",
            "Connections closed at the limit of `all` connections, or of those of an `address`.",
            {"listener", "limit"}, connections_refused),
    counter("signalbox_connections_crowded_out_total",
            "Connections that did nothing and were ended for new ones, at the limit of all.",
            counted<&ConnectionCounters::crowded_out>),
    gauge("signalbox_open_connections", "Connections that are open now, by listener.", {"listener"},
          connections_open),
    gauge("signalbox_buffered_bytes", "Bytes held in request buffers now.",
          sampled<&ConnectionCounters::buffered_bytes>),
    gauge("signalbox_waiters", "Long polls and streams that wait for a mailbox now.",
          sampled<&ConnectionCounters::waiters>),
    gauge("signalbox_mailbox_messages",
          "Unacknowledged messages of an agent by state (`ready`, `leased`, `waiting`, `dead`), as "
          "Redis said a moment ago.",
          {"agent", "state"}, mailbox_messages),
    gauge("signalbox_mailbox_oldest_message_age_seconds",
          "Age of the oldest unacknowledged message of an agent; 0 when there is none.", {"agent"},
          mailbox_ages),
    counter("signalbox_tls_handshakes_total", "TLS handshakes by how they ended.", {"result"},
            tls_handshakes),
    counter("signalbox_config_reloads_total", "Attempts to read the configuration again.",
            {"result"}, reloads_ended),
    gauge("signalbox_config_last_reload_successful",
          "1 unless the last attempt failed and the configuration before it stays.",
          [](const Scrape& s, Samples& out) { out.add(s.reloads.failure.empty()); }),
    gauge("signalbox_config_last_reload_success_timestamp_seconds",
          "When the configuration in use was read.",
          [](const Scrape& s, Samples& out) { out.add(seconds_of(s.reloads.loaded)); }),
    gauge("signalbox_config_generations",
          "Configurations in memory: more than 1 while requests end that began with an older one.",
          [](const Scrape& s, Samples& out) { out.add(s.gauges.generations()); }),
    gauge("signalbox_rules_loaded", "Rules in use.",
          [](const Scrape& s, Samples& out) { out.add(s.rules.rules); }),
    gauge("signalbox_rules_branches", "Ways to match: `$or` makes several of one rule.",
          [](const Scrape& s, Samples& out) { out.add(s.rules.branches); }),
    gauge("signalbox_rules_conditions", "Distinct conditions of the rules.",
          [](const Scrape& s, Samples& out) { out.add(s.rules.conditions); }),
    gauge("signalbox_rules_fields", "Distinct fields that the rules look at.",
          [](const Scrape& s, Samples& out) { out.add(s.rules.fields); }),
    gauge("signalbox_rules_memory_bytes", "Memory of the compiled rules, about.",
          [](const Scrape& s, Samples& out) { out.add(s.rules.bytes); }),
    gauge("signalbox_rules_compile_seconds", "How long the rules took to compile.",
          [](const Scrape& s, Samples& out) {
            out.add(static_cast<double>(s.rules.compile_us) / 1e6);
          }),
    gauge("signalbox_tls_certificate_expiry_timestamp_seconds",
          "When the certificate in use stops being valid, by listener.", {"listener"},
          certificate_expiries),
    counter("signalbox_log_lines_dropped_total",
            "Log lines dropped because the log could not keep up.",
            [](const Scrape& s, Samples& out) { out.add(s.gauges.log_lines_dropped()); }),
    gauge("signalbox_ready", "1 when webhooks can be accepted durably.",
          [](const Scrape& s, Samples& out) { out.add(s.gauges.ready()); }),
    gauge("signalbox_build_info", "The running version and what it was built with.",
          {"version", "compiler"}, build_info),
    counter("process_cpu_seconds_total", "Total user and system CPU time spent in seconds.",
            of_process<&ProcessFacts::cpu_seconds>),
    gauge("process_resident_memory_bytes", "Resident memory size in bytes.",
          of_process<&ProcessFacts::resident_bytes>),
    gauge("process_open_fds", "Number of open file descriptors.",
          of_process<&ProcessFacts::open_descriptors>),
    gauge("process_max_fds", "Maximum number of open file descriptors.",
          of_process<&ProcessFacts::descriptors_max>),
    gauge("process_start_time_seconds", "Start time of the process since the epoch in seconds.",
          of_process<&ProcessFacts::start_seconds>),
};

}  // namespace
}  // namespace signalbox::metric

std::span<const signalbox::MetricRow> signalbox::all_metrics() noexcept {
  return metric::metric_rows;
}
