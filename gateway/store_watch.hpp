// Asks the store once a second whether it answers, and after each reconnect whether it can be
// trusted with what is acknowledged. Runs on one thread; what it knows may be read from any.
#pragma once

#include <boost/asio/io_context.hpp>

#include <atomic>
#include <functional>
#include <mutex>
#include <string>

#include "store/redis/redis_store.hpp"

namespace signalbox {

class StoreWatch {
 public:
  static constexpr std::chrono::seconds interval{1};

  // The store must outlive this; `endpoint` is for the log.
  StoreWatch(boost::asio::io_context& io, RedisStore& store, std::string endpoint)
      : io_{io}, store_{store}, endpoint_{std::move(endpoint)} {}

  Task<void> run();  // until its io_context ends

  // Whether it answers, and can be trusted.
  bool is_ready() const noexcept { return ready_.load(); }
  // What it promises, or why it is not ready: for people.
  std::string detail() const;

  // Called on the watch's thread with the first answer, and whenever it changes whether the store
  // is ready. Set before run().
  std::function<void(bool ready)> on_change;

 private:
  Task<bool> ask_anew();
  Task<bool> ask_again();
  void tell(bool ready, std::string detail);

  boost::asio::io_context& io_;
  RedisStore& store_;
  std::string endpoint_;
  std::atomic<bool> ready_{false};
  bool asked_ = false;
  mutable std::mutex mutex_;
  std::string detail_ = "not asked yet";
};

}  // namespace signalbox
