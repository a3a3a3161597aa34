// How full the mailboxes are and how long their oldest messages have waited, for monitoring: asked
// of the store in the background at a bounded pace, however often and by whomever metrics are
// scraped.
#pragma once

#include <boost/asio/io_context.hpp>

#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "gateway/config/config.hpp"
#include "store/store.hpp"

namespace signalbox {

struct MailboxState {
  std::string agent;
  MailboxCounts counts;
  std::optional<Time> oldest;  // when the oldest unacknowledged message was made
};

class MailboxWatch {
 public:
  static constexpr std::chrono::seconds interval{5};  // between two rounds
  // A round looks at so many; with more agents than that, each has its turn every few rounds.
  static constexpr std::size_t looks_max = 100;

  using CurrentConfig = std::function<std::shared_ptr<const Config>()>;
  // Looks into the mailbox of an agent, for its counts and its oldest message.
  using Peek = std::function<Task<Result<Peeked>>(const AgentConfig& agent, Deadline deadline)>;

  // Both are called on `io`, as all members are but states().
  MailboxWatch(boost::asio::io_context& io, Peek peek, CurrentConfig config)
      : io_{io}, peek_{std::move(peek)}, config_{std::move(config)} {}

  Task<void> run();  // ends with the io_context
  // One round: at most `looks_max` mailboxes, one after the other. A round that the store does not
  // answer leaves nothing known, since what was true before it went away says nothing now.
  Task<void> look();

  // Agents that have not had their turn are missing. Thread-safe.
  std::vector<MailboxState> states() const;

 private:
  Task<std::optional<MailboxState>> look_at(const AgentConfig& agent);
  void forget_all();
  void keep_only(const std::vector<AgentConfig>& agents);
  void learn(MailboxState state);

  boost::asio::io_context& io_;
  Peek peek_;
  CurrentConfig config_;
  std::size_t turn_ = 0;  // position of the agent that is next
  mutable std::mutex mutex_;
  std::vector<MailboxState> states_;
};

}  // namespace signalbox
