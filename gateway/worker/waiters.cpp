#include "gateway/worker/waiters.hpp"

#include <boost/asio/async_result.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <cassert>
#include <utility>

namespace signalbox {

namespace asio = boost::asio;

Waiter::Waiter(Waiters& waiters, std::string mailbox, asio::io_context& io)
    : waiters_{waiters}, mailbox_{std::move(mailbox)}, io_{io} {
  const auto [list, is_first] = waiters_.by_mailbox_.try_emplace(mailbox_);
  list->second.waiters.push_back(*this);
  ++waiters_.size_;
  if (!is_first) return;
  list->second.look_again = std::chrono::steady_clock::now() + slow_poll;
  if (waiters_.on_first) waiters_.on_first(mailbox_);
}

Waiter::~Waiter() {
  const auto list = waiters_.by_mailbox_.find(mailbox_);
  assert(is_linked() && list != waiters_.by_mailbox_.end() && waiters_.size_ > 0);
  list->second.waiters.erase(list->second.waiters.iterator_to(*this));
  --waiters_.size_;
  if (!list->second.waiters.empty()) {
    if (woken_) Waiters::wake_first(list->second);  // its message is for another one
    return;
  }
  waiters_.by_mailbox_.erase(list);
  if (waiters_.on_last) waiters_.on_last(mailbox_);
}

Task<void> Waiter::wait(std::chrono::steady_clock::time_point deadline) {
  if (std::exchange(woken_, false)) co_return;
  auto& waiters = waiters_.by_mailbox_.find(mailbox_)->second.waiters;
  waiters.splice(waiters.end(), waiters, waiters.iterator_to(*this));
  co_await suspend(deadline);
}

Task<void> Waiter::pause(std::chrono::steady_clock::time_point deadline) {
  paused_ = true;
  if (std::exchange(woken_, false)) waiters_.wake_one(mailbox_);
  co_await suspend(deadline);
  paused_ = false;
}

Task<void> Waiter::suspend(std::chrono::steady_clock::time_point deadline) {
  assert(resume_ == nullptr);  // one coroutine waits by it
  deadline_ = deadline;
  const auto start = [this]<class H>(H handler) {
    struct Typed final : Resume {
      explicit Typed(H h, asio::io_context& io) : handler{std::move(h)}, context{io} {}
      void operator()() override { asio::post(context, std::move(handler)); }
      H handler;
      asio::io_context& context;
    };
    resume_ = std::make_unique<Typed>(std::move(handler), io_);
  };
  using Completion = asio::use_awaitable_t<asio::io_context::executor_type>;
  const Completion token{};
  co_await asio::async_initiate<const Completion&, void()>(start, token);
  woken_ = false;
}

void Waiter::finish() {
  woken_ = true;
  deadline_ = std::chrono::steady_clock::time_point::max();
  if (const auto resume = std::exchange(resume_, nullptr)) (*resume)();
}

void Waiters::wake_one(std::string_view mailbox) {
  const auto list = by_mailbox_.find(std::string{mailbox});
  if (list != by_mailbox_.end()) wake_first(list->second);
}

void Waiters::wake_first(List& list) {
  for (Waiter& waiter : list.waiters) {
    if (waiter.woken_ || waiter.paused_) continue;
    waiter.finish();
    return;
  }
}

void Waiters::wake_all() {
  for (auto& [mailbox, list] : by_mailbox_) {
    for (Waiter& waiter : list.waiters) waiter.finish();
  }
}

void Waiters::abandon() {
  const auto first_waiting = [this]() -> Waiter* {
    for (auto& [mailbox, list] : by_mailbox_) {
      for (Waiter& waiter : list.waiters) {
        if (waiter.resume_) return &waiter;
      }
    }
    return nullptr;
  };
  // A coroutine owns its waiter, and the waiter what resumes the coroutine.
  while (Waiter* const waiter = first_waiting()) std::exchange(waiter->resume_, nullptr).reset();
}

void Waiters::sweep(std::chrono::steady_clock::time_point now) {
  for (auto& [mailbox, list] : by_mailbox_) {
    for (Waiter& waiter : list.waiters) {
      if (now >= waiter.deadline_) waiter.finish();
    }
    if (now < list.look_again) continue;
    list.look_again = now + slow_poll;
    wake_first(list);
  }
}

}  // namespace signalbox
