#include "gateway/monitoring/metrics.hpp"

#include <prometheus/metric_family.h>
#include <prometheus/text_serializer.h>

#include <limits>
#include <utility>

#include "gateway/monitoring/metric_row.hpp"

namespace signalbox {
namespace {

prometheus::MetricType written(MetricType type) {
  switch (type) {
    case MetricType::counter:
      return prometheus::MetricType::Counter;
    case MetricType::histogram:
      return prometheus::MetricType::Histogram;
    case MetricType::gauge:
      break;
  }
  return prometheus::MetricType::Gauge;
}

void fill_histogram(prometheus::ClientMetric::Histogram& histogram, const MetricSample& sample) {
  assert(sample.buckets.size() == latency_bounds_us.size() + 1);
  for (std::size_t i = 0; i < sample.buckets.size(); ++i) {
    const double bound = i < latency_bounds_us.size()
                             ? static_cast<double>(latency_bounds_us[i]) / 1e6
                             : std::numeric_limits<double>::infinity();
    histogram.bucket.push_back({sample.buckets[i], bound});
  }
  histogram.sample_count = sample.buckets.back();
  histogram.sample_sum = sample.value;
}

prometheus::ClientMetric written(const MetricRow& row, const MetricSample& sample) {
  prometheus::ClientMetric metric;
  for (std::size_t i = 0; i < row.labels.size(); ++i) {
    metric.label.push_back({std::string{row.labels[i]}, sample.labels[i]});
  }
  if (row.type == MetricType::histogram) {
    fill_histogram(metric.histogram, sample);
  } else {
    (row.type == MetricType::counter ? metric.counter.value : metric.gauge.value) = sample.value;
  }
  return metric;
}

}  // namespace

Scrape::Scrape(const Runtime& running, std::span<const ThreadCounters* const> counted,
               const Gauges& gauges_now)
    : runtime{running},
      threads{counted},
      gauges{gauges_now},
      spool{gauges.spool()},
      reloads{gauges.reloads()},
      mailboxes{gauges.mailboxes()},
      rules{runtime.config->rules->stats()},
      process{read_process_facts()} {}

std::string metrics_text(const Runtime& runtime, std::span<const ThreadCounters* const> threads,
                         const Gauges& gauges) {
  const Scrape scrape{runtime, threads, gauges};
  std::vector<prometheus::MetricFamily> families;
  for (const MetricRow& row : all_metrics()) {
    Samples samples{row.labels.size()};
    row.collect(scrape, samples);
    prometheus::MetricFamily& family = families.emplace_back();
    family.name = row.name;
    family.help = row.help;
    family.type = written(row.type);
    for (const MetricSample& sample : samples.all()) family.metric.push_back(written(row, sample));
  }
  return prometheus::TextSerializer{}.Serialize(families);
}

}  // namespace signalbox
