// The bytes between one thread and Redis: connects, greets, reconnects with back-off, writes what
// has gathered with one system call, cuts what comes back into replies. Knows nothing of who waits
// for what. Used from its io_context's one thread only.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <memory>
#include <random>
#include <string>
#include <string_view>

#include "event/clock.hpp"
#include "store/redis/redis_endpoint.hpp"
#include "store/redis/reply.hpp"
#include "store/task.hpp"

namespace signalbox {

class RedisLink {
 public:
  static constexpr Milliseconds connect_timeout{2'000};  // to a greeting that was answered
  static constexpr Milliseconds backoff_first{10};
  static constexpr Milliseconds backoff_max{1'000};
  static constexpr std::size_t buffer_kept_bytes = 1024 * 1024;

  // Called from the link's own coroutine or handlers; each may call the link again, or stop() it.
  class Listener {
   public:
    virtual void on_connected() = 0;
    virtual void on_reply(Reply&& reply) = 0;
    // The connection is gone, or an attempt to make one failed. `unsent` is the number of the
    // newest commands of which no byte was sent; they are forgotten like the others. `why` is for
    // people.
    virtual void on_lost(std::size_t unsent, const std::string& why) = 0;

   protected:
    ~Listener() = default;
  };

  // Connects from now on, until destroyed. The listener must outlive the link.
  RedisLink(boost::asio::io_context& io, RedisEndpoint endpoint, Listener& listener);
  ~RedisLink();
  RedisLink(const RedisLink&) = delete;
  RedisLink& operator=(const RedisLink&) = delete;

  bool connected() const noexcept;

  // Requires connected(). Where to append one command; sent() says that it is there. Commands that
  // are appended while the thread works through one round of its events leave together.
  std::string& output() noexcept;
  void sent();

  // Drops the connection and makes a new one.
  void reset(const std::string& why);

 private:
  class Connector;
  std::shared_ptr<Connector> connector_;
};

}  // namespace signalbox
