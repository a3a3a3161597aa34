#include "gateway/monitoring/metrics.hpp"

#include <prometheus/text_serializer.h>

#include <utility>

#include "gateway/monitoring/metric_families.hpp"

namespace signalbox {
namespace {

using prometheus::MetricType;

constexpr std::array<std::string_view, stage_count> stage_names{"verify", "decide", "store",
                                                                "total"};
constexpr std::array<std::string_view, delivery_status_count> status_names{
    "accepted", "no_match", "dropped", "duplicate", "deferred"};

void collect_deliveries(MetricFamilies& families) {
  families.begin("signalbox_deliveries_received_total",
                 "Webhook requests that named a configured source.", MetricType::Counter);
  families.source_counters(
      {}, [](auto& c) -> auto& { return c.received; });
  families.begin("signalbox_deliveries_received_bytes_total", "Body bytes of those requests.",
                 MetricType::Counter);
  families.source_counters(
      {}, [](auto& c) -> auto& { return c.received_bytes; });
  families.begin("signalbox_deliveries_verified_total", "Deliveries with a valid signature.",
                 MetricType::Counter);
  families.source_counters(
      {}, [](auto& c) -> auto& { return c.verified; });
  families.begin("signalbox_deliveries_total", "Verified deliveries by how they ended.",
                 MetricType::Counter);
  for (std::size_t status = 0; status < delivery_status_count; ++status) {
    families.source_counters(
        {{"status", std::string{status_names[status]}}}, [=](auto& c) -> auto& {
          return c.by_status[status];
        });
  }
}

void collect_refusals(MetricFamilies& families) {
  families.begin(
      "signalbox_deliveries_refused_total",
      "Webhook requests that were refused, by reason; source is empty where none was known.",
      MetricType::Counter);
  for (const ReasonRow& row : all_reasons()) {
    const auto reason = static_cast<std::size_t>(row.reason);
    families.counter(
        {{"source", ""}, {"reason", std::string{row.name}}}, [=](auto& t) -> auto& {
          return t.hooks_refused[reason];
        });
    families.source_counters(
        {{"reason", std::string{row.name}}}, [=](auto& c) -> auto& { return c.refused[reason]; });
  }
  families.begin("signalbox_api_requests_total", "Requests to the private listener.",
                 MetricType::Counter);
  families.counter(
      {}, [](auto& t) -> auto& { return t.api_requests; });
  families.begin("signalbox_api_refused_total",
                 "Requests to the private listener that were refused, by reason.",
                 MetricType::Counter);
  for (const ReasonRow& row : all_reasons()) {
    const auto reason = static_cast<std::size_t>(row.reason);
    families.counter(
        {{"reason", std::string{row.name}}}, [=](auto& t) -> auto& {
          return t.api_refused[reason];
        });
  }
}

void collect_work(MetricFamilies& families) {
  families.begin("signalbox_messages_total", "Messages that were stored, by kind.",
                 MetricType::Counter);
  for (std::size_t kind = 0; kind < message_kind_count; ++kind) {
    families.counter(
        {{"kind", std::string{to_string(static_cast<MessageKind>(kind))}}}, [=](auto& t) -> auto& {
          return t.messages[kind];
        });
  }
  families.begin("signalbox_rules_matched_total", "Rule matches.", MetricType::Counter);
  families.counter(
      {}, [](auto& t) -> auto& { return t.rules_matched; });
  families.begin("signalbox_rules_failed_total", "Rules that matched and could not be carried out.",
                 MetricType::Counter);
  families.counter(
      {}, [](auto& t) -> auto& { return t.rules_failed; });
  families.begin("signalbox_stage_duration_seconds", "Time of a delivery by stage.",
                 MetricType::Histogram);
  for (std::size_t stage = 0; stage < stage_count; ++stage) {
    families.histogram(
        {{"stage", std::string{stage_names[stage]}}}, [=](auto& t) -> auto& {
          return t.stages[stage];
        });
  }
  families.begin("signalbox_bodies_archived_total", "Bodies stored in the background.",
                 MetricType::Counter);
  families.counter(
      {}, [](auto& t) -> auto& { return t.bodies_archived; });
  families.begin("signalbox_bodies_not_archived_total",
                 "Bodies of unmatched events that were dropped instead of archived.",
                 MetricType::Counter);
  families.counter(
      {}, [](auto& t) -> auto& { return t.bodies_not_archived; });
}

void collect_redis(MetricFamilies& families, const Gauges& gauges) {
  families.begin("signalbox_redis_round_trip_seconds", "Time from a command to its reply.",
                 MetricType::Histogram);
  families.histogram(
      {}, [](auto& t) -> auto& { return t.redis_round_trip; });
  families.begin("signalbox_redis_connects_total", "Connections to Redis that were made.",
                 MetricType::Counter);
  families.counter(
      {}, [](auto& t) -> auto& { return t.redis_connects; });
  families.begin("signalbox_redis_losses_total",
                 "Connections to Redis that broke, and attempts to make one that failed.",
                 MetricType::Counter);
  families.counter(
      {}, [](auto& t) -> auto& { return t.redis_losses; });
  families.begin("signalbox_redis_restarts_total", "Starts of the embedded Redis after its death.",
                 MetricType::Counter);
  families.value({}, static_cast<double>(gauges.redis_restarts()));
}

}  // namespace

std::string metrics_text(const Runtime& runtime, const std::vector<const ThreadCounters*>& threads,
                         const Gauges& gauges) {
  MetricFamilies families{runtime, threads};
  collect_deliveries(families);
  collect_refusals(families);
  collect_work(families);
  collect_redis(families, gauges);
  collect_stored(families, gauges);
  collect_connections(families, threads, gauges);
  collect_mailboxes(families, gauges);
  collect_configuration(families, runtime, gauges);
  collect_rules(families, runtime);
  collect_process(families, gauges);
  return prometheus::TextSerializer{}.Serialize(std::move(families).take());
}

}  // namespace signalbox
