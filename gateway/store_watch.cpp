#include "gateway/store_watch.hpp"

#include <utility>

#include "gateway/telemetry/log.hpp"

namespace signalbox {
namespace {

constexpr std::chrono::seconds watch_timeout{2};

Deadline watch_deadline() { return std::chrono::steady_clock::now() + watch_timeout; }

}  // namespace

Task<void> StoreWatch::run() {
  bool known = false;
  while (true) {
    known = known ? co_await ask_again() : co_await ask_anew();
    co_await pause_for(io_, interval);
  }
}

// Another server may answer than the one before.
Task<bool> StoreWatch::ask_anew() {
  const Deadline deadline = watch_deadline();
  const auto facts = co_await store_.inspect(deadline);
  const auto refused = facts ? refuse_server(*facts) : std::optional<Error>{facts.error()};
  tell(!refused, refused ? refused->detail : describe_durability(*facts));
  co_return !refused;
}

Task<bool> StoreWatch::ask_again() {
  const Deadline deadline = watch_deadline();
  const auto alive = co_await store_.ping(deadline);
  if (!alive) tell(false, alive.error().detail);
  co_return alive.has_value();
}

void StoreWatch::tell(bool ready, std::string detail) {
  const bool news = ready_.exchange(ready) != ready || !std::exchange(asked_, true);
  if (news) {
    log_line(ready ? Severity::info : Severity::error, ready ? "redis ready" : "redis not ready",
             {{"endpoint", endpoint_, minor}, {"detail", detail}});
  }
  {
    const std::lock_guard lock{mutex_};
    detail_ = std::move(detail);
  }
  if (news && on_change) on_change(ready);
}

std::string StoreWatch::detail() const {
  const std::lock_guard lock{mutex_};
  return detail_;
}

}  // namespace signalbox
