// What the rows of metric_rows.cpp collect: the sums of counters over all threads here, and what
// takes more than a line in metric_samples.cpp.
#pragma once

#include <array>
#include <atomic>
#include <type_traits>

#include "gateway/monitoring/metric_row.hpp"
#include "gateway/telemetry/api_counters.hpp"
#include "gateway/telemetry/archive_counters.hpp"
#include "gateway/telemetry/connection_counters.hpp"
#include "gateway/telemetry/hook_counters.hpp"
#include "gateway/telemetry/message_counters.hpp"
#include "gateway/telemetry/redis_counters.hpp"

namespace signalbox::metric {

// The thread's counters that have this member.
template <class Counters, class Member>
const Counters& owner_of(Member Counters::*, const ThreadCounters& thread) {
  if constexpr (std::is_same_v<Counters, ApiCounters>) {
    return thread.api;
  } else if constexpr (std::is_same_v<Counters, ArchiveCounters>) {
    return thread.archive;
  } else if constexpr (std::is_same_v<Counters, ConnectionCounters>) {
    return thread.connections;
  } else if constexpr (std::is_same_v<Counters, HookCounters>) {
    return thread.hooks;
  } else if constexpr (std::is_same_v<Counters, MessageCounters>) {
    return thread.messages;
  } else {
    static_assert(std::is_same_v<Counters, RedisCounters>, "counters that no thread has");
    return thread.redis;
  }
}

// The sum over all threads of what `read` says of the member.
template <auto member, class Read>
double sum_of(const Scrape& scrape, Read read) {
  double sum = 0;
  for (const ThreadCounters* thread : scrape.threads) {
    sum += static_cast<double>(read(owner_of(member, *thread).*member));
  }
  return sum;
}

// The sum of one counter over all threads.
template <auto member>
double count_of(const Scrape& scrape) {
  return sum_of<member>(scrape, [](const Counter& counter) { return counter.value(); });
}

template <auto member>
void counted(const Scrape& scrape, Samples& samples) {
  samples.add(count_of<member>(scrape));
}

// The sum of what each thread says of itself a few times a second.
template <auto member>
void sampled(const Scrape& scrape, Samples& samples) {
  samples.add(sum_of<member>(scrape, [](const std::atomic<std::int64_t>& gauge) {
    return gauge.load(std::memory_order_relaxed);
  }));
}

// Counters by position, each under its name.
template <auto member, class Names>
void counted_each(const Scrape& scrape, Samples& samples, const Names& names) {
  for (std::size_t i = 0; i < names.size(); ++i) {
    const auto value = [i](const auto& counters) { return counters[i].value(); };
    samples.add(sum_of<member>(scrape, value), {names[i]});
  }
}

// Histograms add up bucket by bucket.
template <class Read>
MetricSample histogram_of(const Scrape& scrape, Read read) {
  MetricSample sample;
  std::uint64_t cumulative = 0;
  for (std::size_t i = 0; i <= latency_bounds_us.size(); ++i) {
    for (const ThreadCounters* thread : scrape.threads) cumulative += read(*thread).bucket(i);
    sample.buckets.push_back(cumulative);
  }
  for (const ThreadCounters* thread : scrape.threads) sample.value += read(*thread).sum_seconds();
  return sample;
}

// The sum over all threads of what `read` says of each source's counters, under the source's name
// and further labels.
template <class Read>
void add_sources(const Scrape& scrape, Samples& samples, Read read,
                 std::initializer_list<std::string_view> labels = {}) {
  const auto& sources = scrape.runtime.config->sources;
  for (std::size_t i = 0; i < sources.size(); ++i) {
    MetricSample sample;
    sample.labels.push_back(sources[i].name);
    sample.labels.insert(sample.labels.end(), labels.begin(), labels.end());
    for (std::size_t thread = 0; thread < scrape.threads.size(); ++thread) {
      const Counter& counter = read(*scrape.runtime.seat(thread, i).counters);
      sample.value += static_cast<double>(counter.value());
    }
    samples.put(std::move(sample));
  }
}

template <auto member>
void counted_by_source(const Scrape& scrape, Samples& samples) {
  add_sources(scrape, samples,
              [](const SourceCounters& source) -> const Counter& { return source.*member; });
}

inline double seconds_of(Time time) {
  return static_cast<double>(time.time_since_epoch().count()) / 1e3;
}

// These have a series for each source, and for each end, reason, kind or stage.
void deliveries_ended(const Scrape& scrape, Samples& samples);
void deliveries_refused(const Scrape& scrape, Samples& samples);
void api_calls_refused(const Scrape& scrape, Samples& samples);
void messages_stored(const Scrape& scrape, Samples& samples);
void stages_observed(const Scrape& scrape, Samples& samples);
void redis_round_trips_observed(const Scrape& scrape, Samples& samples);

// These have a series for each listener.
void connections_accepted(const Scrape& scrape, Samples& samples);
void connections_refused(const Scrape& scrape, Samples& samples);
void connections_open(const Scrape& scrape, Samples& samples);
void certificate_expiries(const Scrape& scrape, Samples& samples);
void tls_handshakes(const Scrape& scrape, Samples& samples);

// These have a series for each party or token.
void calls_by_principal(const Scrape& scrape, Samples& samples);
void token_expiries(const Scrape& scrape, Samples& samples);

// These have a series for each agent.
void mailbox_messages(const Scrape& scrape, Samples& samples);
void mailbox_ages(const Scrape& scrape, Samples& samples);

// These have a series for each rule.
void rule_matches(const Scrape& scrape, Samples& samples);
void rule_failures(const Scrape& scrape, Samples& samples);
void rule_last_matches(const Scrape& scrape, Samples& samples);

void reloads_ended(const Scrape& scrape, Samples& samples);
void build_info(const Scrape& scrape, Samples& samples);

}  // namespace signalbox::metric
