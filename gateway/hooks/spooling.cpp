#include "gateway/hooks/spooling.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <utility>

#include "coordination/record.hpp"
#include "gateway/telemetry/log.hpp"
#include "store/redis/redis_link.hpp"
#include "store/redis/resumption.hpp"
#include "store/spool/spooled_commit.hpp"

namespace signalbox {
namespace {

namespace asio = boost::asio;
using Executor = asio::io_context::executor_type;

constexpr std::chrono::seconds replay_timeout{10};

Task<Result<bool>> append_bytes(DurableQueue& spool, asio::io_context& io, std::string bytes) {
  using Waiting = Resumption<std::shared_ptr<std::optional<Error>>>;
  const auto start = [&spool, &io, &bytes](Waiting::Handler handler) {
    auto waiting = std::make_shared<Waiting>(std::move(handler));
    // The spool's thread only posts: the coroutine goes on, and ends, on its own.
    spool.append(
        std::move(bytes), [waiting = std::move(waiting), &io](std::optional<Error> error) mutable {
          auto result = std::make_shared<std::optional<Error>>(std::move(error));
          asio::post(io, [waiting = std::move(waiting), result = std::move(result)]() mutable {
            (*waiting)(std::move(result));
          });
        });
  };
  const Waiting::Token token{};
  const auto error =
      co_await asio::async_initiate<const Waiting::Token&,
                                    void(std::shared_ptr<std::optional<Error>>)>(start, token);
  if (*error) co_return std::move(**error);
  co_return true;
}

// Its sender was told that it is kept: the log is all that can tell of it now.
void log_mismatch(const std::string& event, const CommitResult& result) {
  log_line(Severity::warning, "spool entry refused",
           {{"event", event},
            {"first_event", result.first_event},
            {"reason", describe(Reason::event_mismatch).name}});
}

}  // namespace

bool is_for_spool(const Error& error) noexcept {
  return error.reason == Reason::store_unavailable || error.reason == Reason::store_refused;
}

Task<Result<bool>> append_to(DurableQueue& spool, asio::io_context& io, std::string space,
                             const Commit& commit) {
  std::string bytes = to_bytes({std::move(space), commit});
  co_return co_await append_bytes(spool, io, std::move(bytes));
}

Task<Milliseconds> SpoolReplayer::replay(const std::string& entry) {
  auto spooled = spooled_commit_from(entry);
  if (!spooled) {
    log_line(Severity::error, "spool entry set aside", {{"detail", spooled.error().detail}});
    spool_.set_aside(entry);
    co_return Milliseconds{0};
  }
  const auto store = open_store_(spooled->space);
  const Deadline deadline = std::chrono::steady_clock::now() + replay_timeout;
  auto result = co_await store->commit(spooled->commit, deadline);
  if (result && result->status == CommitStatus::partly_dropped) {
    follow_partly_dropped(spooled->commit, *result);
    result = co_await store->commit(spooled->commit, deadline);
    if (result && result->status == CommitStatus::partly_dropped) co_return trouble_pause;
  }
  const std::string& event = spooled->commit.record.event;
  if (result && result->status != CommitStatus::mailbox_full) {
    if (result->status == CommitStatus::event_mismatch) log_mismatch(event, *result);
    spool_.pop();
    co_return Milliseconds{0};
  }
  // The store takes others, and has an error for this one.
  const bool failed = !result && result.error().reason == Reason::store_refused && !store->away();
  if (result || failed) {
    // Those behind it may be taken: it goes to the end.
    log_line(Severity::warning, failed ? "spool entry failed" : "spool waits for room",
             {{"event", event},
              {"mailbox", failed ? std::string{} : result->full_mailbox},
              {"detail", failed ? result.error().detail : std::string{}}});
    const auto moved = co_await append_bytes(spool_, io_, entry);
    if (moved) spool_.pop();
    co_return trouble_pause;
  }
  if (is_for_spool(result.error()) || result.error().reason == Reason::overloaded)
    co_return trouble_pause;
  log_line(Severity::error, "spool entry set aside",
           {{"event", event}, {"detail", result.error().detail}});
  spool_.set_aside(entry);
  co_return Milliseconds{0};
}

Task<Milliseconds> SpoolReplayer::step() {
  const auto entry = spool_.front();
  if (!entry) co_return idle_pause;
  co_return co_await replay(*entry);
}

Task<void> SpoolReplayer::run() {
  while (true) {
    const Milliseconds wait = co_await step();
    if (wait.count() > 0) co_await pause_for(io_, wait);
  }
}

}  // namespace signalbox
