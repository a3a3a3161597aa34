#include "gateway/monitoring/mailbox_watch.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <cassert>

#include "event/json.hpp"

namespace signalbox {
namespace {

namespace asio = boost::asio;
using Executor = asio::io_context::executor_type;
constexpr std::chrono::seconds look_timeout{2};

std::optional<Time> time_of(const Peeked& peeked) {
  if (peeked.messages.empty()) return std::nullopt;
  JsonDocument document;
  const auto message = document.parse_copy(peeked.messages.front().json);
  if (!message) return std::nullopt;
  const auto time = parse_time((*message)["time"].string_or(""));
  return time ? std::optional<Time>{*time} : std::nullopt;
}

}  // namespace

Task<void> MailboxWatch::run() {
  while (true) {
    co_await look();
    co_await pause_for(io_, interval);
  }
}

Task<void> MailboxWatch::look() {
  const std::shared_ptr<const Config> config = config_();
  const std::vector<AgentConfig>& agents = config->agents;
  keep_only(agents);
  const std::size_t looks = std::min(agents.size(), looks_max);
  for (std::size_t i = 0; i < looks; ++i) {
    auto state = co_await look_at(agents[(turn_ + i) % agents.size()]);
    if (!state) {
      forget_all();
      co_return;
    }
    learn(std::move(*state));
  }
  turn_ = agents.empty() ? 0 : (turn_ + looks) % agents.size();
}

Task<std::optional<MailboxState>> MailboxWatch::look_at(const AgentConfig& agent) {
  const Deadline deadline = std::chrono::steady_clock::now() + look_timeout;
  const auto peeked = co_await peek_(agent, deadline);
  if (!peeked) co_return std::nullopt;
  co_return MailboxState{agent.name, peeked->counts, time_of(*peeked)};
}

std::vector<MailboxState> MailboxWatch::states() const {
  const std::lock_guard lock{mutex_};
  return states_;
}

void MailboxWatch::forget_all() {
  const std::lock_guard lock{mutex_};
  states_.clear();
}

void MailboxWatch::keep_only(const std::vector<AgentConfig>& agents) {
  const std::lock_guard lock{mutex_};
  std::vector<MailboxState> kept;
  for (const AgentConfig& agent : agents) {
    const auto known = std::ranges::find(states_, agent.name, &MailboxState::agent);
    if (known != states_.end()) kept.push_back(std::move(*known));
  }
  assert(kept.size() <= agents.size());
  states_ = std::move(kept);
}

void MailboxWatch::learn(MailboxState state) {
  assert(!state.agent.empty());
  const std::lock_guard lock{mutex_};
  const auto known = std::ranges::find(states_, state.agent, &MailboxState::agent);
  if (known != states_.end()) {
    *known = std::move(state);
  } else {
    states_.push_back(std::move(state));
  }
}

}  // namespace signalbox
