#include "gateway/metrics.hpp"

#include <prometheus/collectable.h>
#include <prometheus/metric_family.h>
#include <prometheus/text_serializer.h>

#include <limits>
#include <utility>

#include "gateway/version.hpp"

namespace signalbox {
namespace {

using prometheus::ClientMetric;
using prometheus::MetricFamily;
using prometheus::MetricType;
using Labels = std::vector<std::pair<std::string, std::string>>;

constexpr std::array<std::string_view, stage_count> stage_names{"verify", "decide", "store",
                                                                "total"};
constexpr std::array<std::string_view, delivery_status_count> status_names{"accepted", "no_match",
                                                                           "dropped", "duplicate"};

// Collects the families of one scrape.
class Families {
 public:
  Families(const Runtime& runtime, const std::vector<const ThreadCounters*>& threads)
      : runtime_{runtime}, threads_{threads} {}

  void begin(std::string name, std::string help, MetricType type) {
    families_.push_back({std::move(name), std::move(help), type, {}});
  }

  // The sum of one counter over all threads.
  template <class Pick>
  void counter(const Labels& labels, Pick pick) {
    double sum = 0;
    for (const ThreadCounters* thread : threads_) sum += static_cast<double>(pick(*thread).value());
    value(labels, sum);
  }

  // The same for each source, under its name and further labels.
  template <class Pick>
  void source_counters(const Labels& labels, Pick pick) {
    const auto& sources = runtime_.config->sources;
    for (std::size_t i = 0; i < sources.size(); ++i) {
      double sum = 0;
      for (std::size_t thread = 0; thread < threads_.size(); ++thread) {
        const SourceCounters& counters = *runtime_.seat(thread, i).counters;
        sum += static_cast<double>(pick(counters).value());
      }
      Labels all{{"source", sources[i].name}};
      all.insert(all.end(), labels.begin(), labels.end());
      value(all, sum);
    }
  }

  void value(const Labels& labels, double number) {
    ClientMetric metric = with(labels);
    if (families_.back().type == MetricType::Counter) {
      metric.counter.value = number;
    } else {
      metric.gauge.value = number;
    }
    families_.back().metric.push_back(std::move(metric));
  }

  template <class Pick>
  void histogram(const Labels& labels, Pick pick) {
    ClientMetric metric = with(labels);
    std::uint64_t cumulative = 0;
    for (std::size_t i = 0; i <= latency_bounds_us.size(); ++i) {
      for (const ThreadCounters* thread : threads_) cumulative += pick(*thread).bucket(i);
      const double bound = i < latency_bounds_us.size()
                               ? static_cast<double>(latency_bounds_us[i]) / 1e6
                               : std::numeric_limits<double>::infinity();
      metric.histogram.bucket.push_back({cumulative, bound});
    }
    metric.histogram.sample_count = cumulative;
    for (const ThreadCounters* thread : threads_)
      metric.histogram.sample_sum += pick(*thread).sum_seconds();
    families_.back().metric.push_back(std::move(metric));
  }

  std::vector<MetricFamily> take() && { return std::move(families_); }

 private:
  static ClientMetric with(const Labels& labels) {
    ClientMetric metric;
    for (const auto& [name, text] : labels) metric.label.push_back({name, text});
    return metric;
  }
  const Runtime& runtime_;
  const std::vector<const ThreadCounters*>& threads_;
  std::vector<MetricFamily> families_;
};

void collect_deliveries(Families& families) {
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

void collect_refusals(Families& families) {
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

void collect_work(Families& families) {
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

void collect_redis(Families& families, const Gauges& gauges) {
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

void collect_connections(Families& families, const std::vector<const ThreadCounters*>& threads,
                         const Gauges& gauges) {
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
  families.begin("signalbox_connections_refused_total", "Connections closed at the limit.",
                 MetricType::Counter);
  families.value({}, static_cast<double>(gauges.connections_refused()));
  double open = 0;
  double bytes = 0;
  for (const ThreadCounters* thread : threads) {
    open += static_cast<double>(thread->open_connections.load(std::memory_order_relaxed));
    bytes += static_cast<double>(thread->bytes_in_flight.load(std::memory_order_relaxed));
  }
  families.begin("signalbox_open_connections", "Connections that are open now.", MetricType::Gauge);
  families.value({}, open);
  families.begin("signalbox_buffered_bytes", "Bytes held in request buffers now.",
                 MetricType::Gauge);
  families.value({}, bytes);
}

void collect_process(Families& families, const Gauges& gauges) {
  families.begin("signalbox_log_lines_dropped_total",
                 "Log lines dropped because the log could not keep up.", MetricType::Counter);
  families.value({}, static_cast<double>(gauges.log_lines_dropped()));
  families.begin("signalbox_ready", "1 when webhooks can be accepted durably.", MetricType::Gauge);
  families.value({}, gauges.ready() ? 1 : 0);
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
  families.value({}, static_cast<double>(reloads.loaded.time_since_epoch().count()) / 1e3);
  families.begin(
      "signalbox_config_generations",
      "Configurations in memory: more than 1 while requests end that began with an older one.",
      MetricType::Gauge);
  families.value({}, static_cast<double>(gauges.generations()));
  families.begin("signalbox_build_info", "The running version.", MetricType::Gauge);
  families.value({{"version", std::string{version}}}, 1);
}

}  // namespace

std::string metrics_text(const Runtime& runtime, const std::vector<const ThreadCounters*>& threads,
                         const Gauges& gauges) {
  Families families{runtime, threads};
  collect_deliveries(families);
  collect_refusals(families);
  collect_work(families);
  collect_redis(families, gauges);
  collect_connections(families, threads, gauges);
  collect_process(families, gauges);
  return prometheus::TextSerializer{}.Serialize(std::move(families).take());
}

}  // namespace signalbox
