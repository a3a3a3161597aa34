// Long-polls and streams that wait for a mailbox, on one thread. A message wakes one waiter, the
// one that has waited longest; a waiter that was woken for nothing asks again and waits on. Should
// a wake-up be lost with a connection, or a lease run out, one waiter of each mailbox is woken
// every `slow_poll`. Not thread-safe.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/intrusive/list.hpp>

#include <chrono>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "store/task.hpp"

namespace signalbox {

inline constexpr std::size_t waiters_max = 20'000;  // of one thread
inline constexpr std::chrono::seconds slow_poll{5};

class Waiters;

// Registers at construction: a wake between the look into the mailbox and the wait is not lost.
class Waiter : public boost::intrusive::list_base_hook<> {
 public:
  Waiter(Waiters& waiters, std::string mailbox, boost::asio::io_context& io);
  ~Waiter();
  Waiter(const Waiter&) = delete;
  Waiter& operator=(const Waiter&) = delete;

  // Ends when woken or at the deadline, at once if woken since the last call.
  Task<void> wait(std::chrono::steady_clock::time_point deadline);
  // Ends at the deadline, or when all are woken. Messages wake others meanwhile.
  Task<void> pause(std::chrono::steady_clock::time_point deadline);

 private:
  friend class Waiters;
  Task<void> suspend(std::chrono::steady_clock::time_point deadline);
  Waiters& waiters_;
  std::string mailbox_;
  boost::asio::io_context& io_;
  bool woken_ = false;
  bool paused_ = false;
  std::chrono::steady_clock::time_point deadline_ = std::chrono::steady_clock::time_point::max();
  // Set while a coroutine waits.
  struct Resume {
    virtual ~Resume() = default;
    virtual void operator()() = 0;
  };
  std::unique_ptr<Resume> resume_;
  void finish();
};

class Waiters {
 public:
  // Told when a mailbox gets its first waiter and loses its last one. Set before the first waiter.
  std::function<void(const std::string& mailbox)> on_first;
  std::function<void(const std::string& mailbox)> on_last;

  void wake_one(std::string_view mailbox);
  void wake_all();
  // Destroys what waits: nobody will resume it any more. Asio destroys the coroutines when their
  // context runs next, or with it.
  void abandon();
  void sweep(std::chrono::steady_clock::time_point now);
  std::size_t size() const noexcept { return size_; }

 private:
  friend class Waiter;
  struct List {
    boost::intrusive::list<Waiter> waiters;  // the longest waiting first
    std::chrono::steady_clock::time_point look_again;
  };
  static void wake_first(List& list);
  std::unordered_map<std::string, List> by_mailbox_;
  std::size_t size_ = 0;
};

}  // namespace signalbox
