// What a metric is: one row of metric_rows.cpp, and the samples that it gives when it is scraped.
#pragma once

#include <cassert>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/monitoring/metrics.hpp"
#include "gateway/monitoring/process_facts.hpp"

namespace signalbox {

enum class MetricType : std::uint8_t { counter, gauge, histogram };

// One series of a metric, as it is at the time of a scrape.
struct MetricSample {
  std::vector<std::string> labels;     // the values, in the order of the row's names
  double value = 0;                    // of a histogram: the sum of what was observed, in seconds
  std::vector<std::uint64_t> buckets;  // of a histogram: latency_bounds_us and +Inf, cumulative
};

// The samples of one metric. Label values come from the configuration and from enumerations, never
// from a request.
class Samples {
 public:
  explicit Samples(std::size_t label_count) : label_count_{label_count} {}

  template <class Number>
  void add(Number number, std::initializer_list<std::string_view> labels = {}) {
    put({{labels.begin(), labels.end()}, static_cast<double>(number), {}});
  }
  void put(MetricSample sample) {
    assert(sample.labels.size() == label_count_);
    samples_.push_back(std::move(sample));
  }
  const std::vector<MetricSample>& all() const noexcept { return samples_; }

 private:
  std::size_t label_count_;
  std::vector<MetricSample> samples_;
};

// What a scrape looks at. Everything is read once, so that the metrics of one scrape agree.
struct Scrape {
  Scrape(const Runtime& running, std::span<const ThreadCounters* const> counted,
         const Gauges& gauges_now);

  const Runtime& runtime;
  std::span<const ThreadCounters* const> threads;
  const Gauges& gauges;
  SpoolNumbers spool;
  Reloader::Status reloads;
  std::vector<MailboxState> mailboxes;
  AutomatonStats rules;
  std::optional<ProcessFacts> process;  // nothing where /proc cannot be read
};

struct MetricRow {
  std::string_view name;
  std::string_view help;  // Markdown: docs/OPERATIONS.md shows it too
  MetricType type = MetricType::counter;
  std::vector<std::string_view> labels;
  void (*collect)(const Scrape& scrape, Samples& samples) = nullptr;
};

// They stand in the order of docs/OPERATIONS.md.
std::span<const MetricRow> all_metrics() noexcept;

// Each rule has series of its own, up to so many; those behind are counted together.
inline constexpr std::size_t rule_series_max = 500;

}  // namespace signalbox
