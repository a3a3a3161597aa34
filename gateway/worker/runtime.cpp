#include "gateway/worker/runtime.hpp"

#include <algorithm>
#include <cassert>
#include <utility>

#include "gateway/telemetry/hook_counters.hpp"

namespace signalbox {

Runtime::Runtime(std::shared_ptr<const Config> loaded, const Runtime* before)
    : config{std::move(loaded)},
      principals{*config, before == nullptr ? nullptr : &before->principals},
      listeners{std::make_shared<const ListenerConfig>(config->hooks),
                std::make_shared<const ListenerConfig>(config->api)} {
  for (const RuleInfo& rule : config->rules->rules()) {
    auto& counters = rules_[rule.name];
    if (before != nullptr) {
      const auto known = before->rules_.find(rule.name);
      if (known != before->rules_.end()) counters = known->second;
    }
    if (!counters) counters = std::make_shared<RuleCounters>();
  }
  fill_seats(before);
  for (const SourceConfig& source : config->sources) {
    const auto known = before ? before->find_source(source.name) : std::nullopt;
    buckets_.push_back(known ? before->buckets_[*known] : std::make_shared<TokenBucket>());
  }
}

void Runtime::fill_seats(const Runtime* before) {
  const std::size_t sources = config->sources.size();
  seats_ = std::make_unique<SourceSeat[]>(config->threads * sources);
  for (std::size_t i = 0; i < config->threads * sources; ++i) {
    const SourceConfig& source = config->sources[i % sources];
    SourceSeat& seat = seats_[i];
    seat.keys.connector = source.connector;
    const Milliseconds window = std::max(source.deduplicate_id, source.deduplicate_digest);
    if (window.count() > 0) seat.keys.replay_window = window;
    seat.keys.trackers = source.trackers;
    seat.keys.terms = source.body;
    for (const Secret& secret : source.secrets) {
      [[maybe_unused]] const auto fault = seat.keys.add(secret.value);
      assert(!fault);  // load_config refuses such a secret
    }
    const auto known = before ? before->find_source(source.name) : std::nullopt;
    seat.counters =
        known ? before->seat(i / sources, *known).counters : std::make_shared<SourceCounters>();
  }
}

std::optional<std::size_t> Runtime::find_source(std::string_view name) const {
  for (std::size_t i = 0; i < config->sources.size(); ++i) {
    if (config->sources[i].name == name) return i;
  }
  return std::nullopt;
}

RuleCounters* Runtime::find_rule(std::string_view name) const {
  const auto found = rules_.find(std::string{name});
  return found == rules_.end() ? nullptr : found->second.get();
}

std::shared_ptr<const Runtime> LiveRuntime::get() const {
  const std::lock_guard lock{mutex_};
  return current_;
}

void LiveRuntime::replace(std::shared_ptr<const Runtime> next) {
  assert(next != nullptr);
  const std::lock_guard lock{mutex_};
  replaced_.push_back(std::exchange(current_, std::move(next)));
}

std::size_t LiveRuntime::generations() const {
  const std::lock_guard lock{mutex_};
  return replaced_.size() + 1;
}

void LiveRuntime::release_retired() {
  std::vector<std::shared_ptr<const Runtime>> unused;
  const std::lock_guard lock{mutex_};
  // Nobody else can take another reference to one that only this list holds.
  const auto used = std::stable_partition(replaced_.begin(), replaced_.end(),
                                          [](const auto& each) { return each.use_count() == 1; });
  unused.assign(std::make_move_iterator(replaced_.begin()), std::make_move_iterator(used));
  replaced_.erase(replaced_.begin(), used);
}

}  // namespace signalbox
