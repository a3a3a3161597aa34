#include "gateway/monitoring/metric_samples.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "gateway/telemetry/version.hpp"

namespace signalbox::metric {
namespace {

constexpr std::array<std::string_view, stage_count> stage_names{"verify", "decide", "store",
                                                                "total"};
constexpr std::array<std::string_view, delivery_status_count> status_names{
    "accepted", "partly_dropped", "no_match", "dropped", "duplicate", "deferred"};
constexpr std::array<std::pair<Listener, std::string_view>, 2> listeners{
    {{Listener::hooks, "hooks"}, {Listener::api, "api"}}};

std::vector<std::string_view> reason_names() {
  std::vector<std::string_view> names;
  for (const ReasonRow& row : all_reasons()) names.push_back(row.name);
  return names;
}

// The first `rule_series_max` rules one by one, what is left of them by `together`.
template <class Read, class Together>
void add_rules(const Scrape& scrape, Samples& samples, Read read, Together together) {
  const auto& rules = scrape.runtime.config->rules->rules();
  double others = 0;
  for (std::size_t i = 0; i < rules.size(); ++i) {
    const auto value = static_cast<double>(read(*scrape.runtime.find_rule(rules[i].name)));
    if (i < rule_series_max) {
      samples.add(value, {rules[i].name, rules[i].owner});
    } else {
      others = together(others, value);
    }
  }
  if (rules.size() > rule_series_max) samples.add(others, {"(others)", ""});
}

}  // namespace

void deliveries_ended(const Scrape& scrape, Samples& samples) {
  for (std::size_t i = 0; i < status_names.size(); ++i) {
    const auto counter = [i](const SourceCounters& source) -> const Counter& {
      return source.by_status[i];
    };
    add_sources(scrape, samples, counter, {status_names[i]});
  }
}

void deliveries_refused(const Scrape& scrape, Samples& samples) {
  for (const ReasonRow& row : all_reasons()) {
    const auto reason = static_cast<std::size_t>(row.reason);
    const auto unknown = [reason](const auto& refused) { return refused[reason].value(); };
    samples.add(sum_of<&HookCounters::refused>(scrape, unknown), {"", row.name});
    const auto counter = [reason](const SourceCounters& source) -> const Counter& {
      return source.refused[reason];
    };
    add_sources(scrape, samples, counter, {row.name});
  }
}

void api_calls_refused(const Scrape& scrape, Samples& samples) {
  counted_each<&ApiCounters::refused>(scrape, samples, reason_names());
}

void calls_by_principal(const Scrape& scrape, Samples& samples) {
  for (const Principals::Party& party : scrape.runtime.principals.parties()) {
    for (std::size_t i = 0; i < call_outcome_count; ++i) {
      samples.add(party.calls->by_outcome[i].load(std::memory_order_relaxed),
                  {to_string(party.role), party.name, call_outcome_names[i]});
    }
  }
}

void token_expiries(const Scrape& scrape, Samples& samples) {
  for (const TokenOwner& owner : tokens_of(*scrape.runtime.config)) {
    if (!owner.token.expires) continue;
    samples.add(seconds_of(*owner.token.expires), {owner.role, owner.name, owner.token.origin});
  }
}

void messages_stored(const Scrape& scrape, Samples& samples) {
  std::array<std::string_view, message_kind_count> names;
  for (std::size_t i = 0; i < names.size(); ++i) names[i] = to_string(static_cast<MessageKind>(i));
  counted_each<&MessageCounters::stored>(scrape, samples, names);
}

void stages_observed(const Scrape& scrape, Samples& samples) {
  for (std::size_t i = 0; i < stage_names.size(); ++i) {
    const auto stage = [i](const ThreadCounters& thread) -> const LatencyHistogram& {
      return thread.hooks.stages[i];
    };
    MetricSample sample = histogram_of(scrape, stage);
    sample.labels.emplace_back(stage_names[i]);
    samples.put(std::move(sample));
  }
}

void redis_round_trips_observed(const Scrape& scrape, Samples& samples) {
  const auto round_trip = [](const ThreadCounters& thread) -> const LatencyHistogram& {
    return thread.redis.round_trip;
  };
  samples.put(histogram_of(scrape, round_trip));
}

void connections_accepted(const Scrape& scrape, Samples& samples) {
  samples.add(count_of<&ConnectionCounters::hooks>(scrape), {"hooks"});
  samples.add(count_of<&ConnectionCounters::api>(scrape), {"api"});
}

void connections_refused(const Scrape& scrape, Samples& samples) {
  for (const auto& [listener, name] : listeners) {
    const ConnectionNumbers numbers = scrape.gauges.connections(listener);
    samples.add(numbers.refused, {name, "all"});
    samples.add(numbers.refused_of_address, {name, "address"});
  }
}

void connections_open(const Scrape& scrape, Samples& samples) {
  for (const auto& [listener, name] : listeners) {
    samples.add(scrape.gauges.connections(listener).open, {name});
  }
}

void certificate_expiries(const Scrape& scrape, Samples& samples) {
  const Config& config = *scrape.runtime.config;
  for (const auto& [listener, name] : listeners) {
    const auto& context = (listener == Listener::hooks ? config.hooks : config.api).tls_context;
    if (!context) continue;
    samples.add(std::chrono::system_clock::to_time_t(certificate_expiry(*context)), {name});
  }
}

void tls_handshakes(const Scrape& scrape, Samples& samples) {
  samples.add(count_of<&ConnectionCounters::tls_handshakes>(scrape), {"done"});
  samples.add(count_of<&ConnectionCounters::tls_handshakes_failed>(scrape), {"failed"});
}

void mailbox_messages(const Scrape& scrape, Samples& samples) {
  for (const MailboxState& mailbox : scrape.mailboxes) {
    samples.add(mailbox.counts.ready, {mailbox.agent, "ready"});
    samples.add(mailbox.counts.leased, {mailbox.agent, "leased"});
    samples.add(mailbox.counts.waiting, {mailbox.agent, "waiting"});
    samples.add(mailbox.counts.dead, {mailbox.agent, "dead"});
  }
}

void mailbox_ages(const Scrape& scrape, Samples& samples) {
  const Time now = SystemClock{}.now();
  for (const MailboxState& mailbox : scrape.mailboxes) {
    const Time oldest = std::min(mailbox.oldest.value_or(now), now);
    samples.add(seconds_of(now) - seconds_of(oldest), {mailbox.agent});
  }
}

void rule_matches(const Scrape& scrape, Samples& samples) {
  add_rules(
      scrape, samples, [](const RuleCounters& rule) { return rule.matched.load(); }, std::plus{});
}

void rule_failures(const Scrape& scrape, Samples& samples) {
  add_rules(
      scrape, samples, [](const RuleCounters& rule) { return rule.failed.load(); }, std::plus{});
}

void rule_last_matches(const Scrape& scrape, Samples& samples) {
  const auto last = [](const RuleCounters& rule) {
    return static_cast<double>(rule.last_match_ms.load()) / 1e3;
  };
  add_rules(scrape, samples, last, [](double a, double b) { return std::max(a, b); });
}

void reloads_ended(const Scrape& scrape, Samples& samples) {
  samples.add(scrape.reloads.succeeded, {"success"});
  samples.add(scrape.reloads.failed, {"failure"});
}

void build_info(const Scrape&, Samples& samples) {
  samples.add(1, {version, fmt::format("gcc {}.{}", __GNUC__, __GNUC_MINOR__)});
}

}  // namespace signalbox::metric
