// Asks the store once a second whether it would take a webhook's write, and now and then whether it
// can be trusted with what is acknowledged. Leaves marks there, to notice when the store goes back
// to an earlier state. Runs on one thread; what it knows may be read from any.
#pragma once

#include <boost/asio/io_context.hpp>

#include <atomic>
#include <functional>
#include <mutex>
#include <string>

#include "store/redis/redis_store.hpp"
#include "store/server/store_mark.hpp"

namespace signalbox {

class StoreWatch {
 public:
  static constexpr std::chrono::seconds interval{1};
  static constexpr unsigned inspected_each = 10;  // rounds: what the server is and promises

  // What it needs of the gateway. All may be empty but `activity`.
  struct Setting {
    std::string endpoint;                     // for the log
    StoreMark mark;                           // the last one that is known
    Milliseconds keep = store_mark_keep;      // marks in the store
    std::function<std::uint64_t()> activity;  // grows with what the gateway asks of the store
    std::function<std::string()> obstacle;  // why the next write would fail though this one did not
    std::function<void(const StoreMark&)> on_mark;  // the one in the store is now this one
    std::function<void()> on_ready;
  };

  // The store must outlive this.
  StoreWatch(boost::asio::io_context& io, RedisStore& store, Setting setting)
      : io_{io}, store_{store}, setting_{std::move(setting)}, mark_{setting_.mark} {}

  Task<void> run();  // until its io_context ends
  // Leaves a last mark, where anything came since the one before.
  Task<void> leave_mark();

  // Whether a webhook's write would be taken, and can be trusted to stay.
  bool is_ready() const noexcept { return ready_.load(); }
  // What it promises, or why it is not ready: for people.
  std::string detail() const;

  // Called on the watch's thread with the first answer, and whenever it changes whether the store
  // is ready. Set before run().
  std::function<void(bool ready)> on_change;
  // What the store has lost of what was acknowledged since the start: for people; empty when
  // nothing.
  std::string lost() const;
  std::uint64_t rewinds() const noexcept { return rewinds_.load(); }
  // Something has lost what was acknowledged: said in the log, and by lost() from now on.
  void tell_lost(const std::string& what);

 private:
  Task<bool> look();
  Task<bool> inspect();
  Task<bool> remember();
  void tell(bool ready, std::string detail);

  boost::asio::io_context& io_;
  RedisStore& store_;
  Setting setting_;
  StoreMark mark_;
  std::uint64_t marked_activity_ = 0;
  unsigned round_ = 0;
  std::atomic<bool> ready_{false};
  bool asked_ = false;
  std::atomic<std::uint64_t> rewinds_{0};
  mutable std::mutex mutex_;
  std::string detail_ = "not asked yet";
  std::string promise_;
  std::string lost_;
};

}  // namespace signalbox
