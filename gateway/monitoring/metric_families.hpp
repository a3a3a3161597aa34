// The families of one scrape, as they are collected. Included by gateway/metric*.cpp only.
#pragma once

#include <prometheus/metric_family.h>

#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "gateway/monitoring/metrics.hpp"

namespace signalbox {

using MetricLabels = std::vector<std::pair<std::string, std::string>>;

// Labels come from the configuration and from enumerations, never from a request.
class MetricFamilies {
 public:
  MetricFamilies(const Runtime& runtime, const std::vector<const ThreadCounters*>& threads)
      : runtime_{runtime}, threads_{threads} {}

  void begin(std::string name, std::string help, prometheus::MetricType type) {
    families_.push_back({std::move(name), std::move(help), type, {}});
  }

  // The sum of one counter over all threads.
  template <class Pick>
  void counter(const MetricLabels& labels, Pick pick) {
    double sum = 0;
    for (const ThreadCounters* thread : threads_) sum += static_cast<double>(pick(*thread).value());
    value(labels, sum);
  }

  // The same for each source, under its name and further labels.
  template <class Pick>
  void source_counters(const MetricLabels& labels, Pick pick) {
    const auto& sources = runtime_.config->sources;
    for (std::size_t i = 0; i < sources.size(); ++i) {
      double sum = 0;
      for (std::size_t thread = 0; thread < threads_.size(); ++thread) {
        const SourceCounters& counters = *runtime_.seat(thread, i).counters;
        sum += static_cast<double>(pick(counters).value());
      }
      MetricLabels all{{"source", sources[i].name}};
      all.insert(all.end(), labels.begin(), labels.end());
      value(all, sum);
    }
  }

  void value(const MetricLabels& labels, double number) {
    prometheus::ClientMetric metric = with(labels);
    if (families_.back().type == prometheus::MetricType::Counter) {
      metric.counter.value = number;
    } else {
      metric.gauge.value = number;
    }
    families_.back().metric.push_back(std::move(metric));
  }

  template <class Pick>
  void histogram(const MetricLabels& labels, Pick pick) {
    prometheus::ClientMetric metric = with(labels);
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

  std::vector<prometheus::MetricFamily> take() && { return std::move(families_); }

 private:
  static prometheus::ClientMetric with(const MetricLabels& labels) {
    prometheus::ClientMetric metric;
    for (const auto& [name, text] : labels) metric.label.push_back({name, text});
    return metric;
  }
  const Runtime& runtime_;
  const std::vector<const ThreadCounters*>& threads_;
  std::vector<prometheus::MetricFamily> families_;
};

// What is so now, rather than what was counted: metrics_state.cpp.
void collect_connections(MetricFamilies& families,
                         const std::vector<const ThreadCounters*>& threads, const Gauges& gauges);
void collect_stored(MetricFamilies& families, const Gauges& gauges);
void collect_mailboxes(MetricFamilies& families, const Gauges& gauges);
void collect_configuration(MetricFamilies& families, const Runtime& runtime, const Gauges& gauges);
// Each rule has series of its own, up to so many; those behind are counted together.
inline constexpr std::size_t rule_series_max = 500;
void collect_rules(MetricFamilies& families, const Runtime& runtime);
void collect_process(MetricFamilies& families, const Gauges& gauges);

}  // namespace signalbox
