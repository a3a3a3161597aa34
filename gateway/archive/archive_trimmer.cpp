#include "gateway/archive/archive_trimmer.hpp"

#include <boost/asio/as_tuple.hpp>

#include <algorithm>

namespace signalbox {
namespace {

namespace asio = boost::asio;
constexpr std::chrono::seconds step_timeout{5};

}  // namespace

ArchiveBounds archive_bounds_of(const Config& config) {
  ArchiveBounds bounds{config.max_events, config.max_event_bytes, Milliseconds{0}};
  for (const SourceConfig& source : config.sources) {
    bounds.remember_id = std::max(bounds.remember_id, source.deduplicate_id);
  }
  return bounds;
}

Task<Result<ArchiveState>> ArchiveTrimmer::trim(const std::string& space, ArchiveBounds bounds) {
  while (true) {
    const Deadline deadline = std::chrono::steady_clock::now() + step_timeout;
    const auto state = co_await trim_(space, bounds, deadline);
    if (!state) co_return state.error();
    taken_out_.fetch_add(state->taken_out, std::memory_order_relaxed);
    bytes_taken_out_.fetch_add(state->bytes_taken_out, std::memory_order_relaxed);
    if (!state->more) co_return *state;
    co_await pause_for(io_, step_pause);
  }
}

Task<void> ArchiveTrimmer::round() {
  const auto config = config_();
  const ArchiveBounds bounds = archive_bounds_of(*config);
  std::uint64_t events = 0;
  std::uint64_t bytes = 0;
  for (const std::string& space : spaces_of(*config)) {
    const auto state = co_await trim(space, bounds);
    if (!state) co_return;  // the store is away; the watch says so
    events += state->events;
    bytes += state->bytes;
  }
  events_.store(events, std::memory_order_relaxed);
  bytes_.store(bytes, std::memory_order_relaxed);
}

Task<void> ArchiveTrimmer::run() {
  while (true) {
    co_await round();
    co_await pause_for(io_, interval);
  }
}

}  // namespace signalbox
