#include "gateway/store_watch.hpp"

#include <utility>

#include "event/ids.hpp"
#include "gateway/telemetry/log.hpp"

namespace signalbox {
namespace {

constexpr std::chrono::seconds watch_timeout{2};
constexpr std::size_t store_id_chars = 16;

Deadline watch_deadline() { return std::chrono::steady_clock::now() + watch_timeout; }

}  // namespace

Task<void> StoreWatch::run() {
  while (true) {
    const bool ready = co_await look();
    round_ = ready ? round_ + 1 : 0;  // another server may answer next
    co_await pause_for(io_, interval);
  }
}

Task<bool> StoreWatch::look() {
  if (round_ % inspected_each == 0) {
    const bool trusted = co_await inspect();
    if (!trusted) co_return false;
  }
  const Deadline deadline = watch_deadline();
  const auto takes = co_await store_.probe_write(deadline);
  if (!takes) {
    tell(false, takes.error().detail);
    co_return false;
  }
  if (std::string obstacle = setting_.obstacle ? setting_.obstacle() : ""; !obstacle.empty()) {
    tell(false, std::move(obstacle));
    co_return false;
  }
  const bool remembered = co_await remember();
  if (remembered) tell(true, promise_);
  co_return remembered;
}

Task<bool> StoreWatch::inspect() {
  const Deadline deadline = watch_deadline();
  const auto facts = co_await store_.inspect(deadline);
  const auto refused = facts ? refuse_server(*facts) : std::optional<Error>{facts.error()};
  if (refused) tell(false, refused->detail);
  if (!refused) promise_ = describe_durability(*facts);
  co_return !refused;
}

// What is there is looked at before a new mark hides it.
Task<bool> StoreWatch::remember() {
  const Deadline deadline = watch_deadline();
  const auto found = co_await store_.recall(mark_.gateway, deadline);
  if (!found) {
    tell(false, found.error().detail);
    co_return false;
  }
  const auto lost = what_is_lost(mark_, *found, setting_.keep);
  if (lost) tell_lost(*lost);
  const std::uint64_t activity = setting_.activity();
  if (!lost && !mark_.store.empty() && activity == marked_activity_) co_return true;
  const std::string id = found->store.empty() ? random_text(store_id_chars) : found->store;
  const auto marked =
      co_await store_.remember(mark_.gateway, mark_.count + 1, id, setting_.keep, deadline);
  if (!marked) {
    tell(false, marked.error().detail);
    co_return false;
  }
  mark_.store = marked->store;
  mark_.count = marked->count;
  mark_.marked = marked->marked;
  marked_activity_ = activity;
  if (setting_.on_mark) setting_.on_mark(mark_);
  co_return true;
}

Task<void> StoreWatch::leave_mark() {
  if (is_ready()) co_await remember();
}

void StoreWatch::tell_lost(const std::string& what) {
  rewinds_.fetch_add(1);
  log_line(Severity::error, "store rewound", {{"endpoint", setting_.endpoint}, {"detail", what}});
  const std::lock_guard lock{mutex_};
  lost_ = what;
}

// A line for each change, not for each look.
void StoreWatch::tell(bool ready, std::string detail) {
  const bool before = ready_.exchange(ready);
  const bool news = before != ready || !std::exchange(asked_, true);
  if (news) {
    log_line(ready ? Severity::info : Severity::error, ready ? "redis ready" : "redis not ready",
             {{"endpoint", setting_.endpoint, minor}, {"detail", detail}});
  }
  {
    const std::lock_guard lock{mutex_};
    detail_ = std::move(detail);
  }
  if (ready && !before && setting_.on_ready) setting_.on_ready();
  if (news && on_change) on_change(ready);
}

std::string StoreWatch::detail() const {
  const std::lock_guard lock{mutex_};
  return detail_;
}

std::string StoreWatch::lost() const {
  const std::lock_guard lock{mutex_};
  return lost_;
}

}  // namespace signalbox
