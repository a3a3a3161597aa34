// The bytes between one thread and Redis: connects, greets, reconnects with back-off, writes what
// has gathered with one system call, cuts what comes back into replies. What it does when is
// decided by a LinkMachine. Knows nothing of who waits for what. Used from its io_context's one
// thread only.
#pragma once

#include <cstddef>
#include <memory>
#include <string>

#include "store/redis/redis_endpoint.hpp"
#include "store/redis/reply.hpp"
#include "store/task.hpp"

namespace signalbox {

class RedisLink {
 public:
  static constexpr std::size_t buffer_kept_bytes = 1024 * 1024;

  // Whom the link works for. Called from its own coroutine or handlers; each may call the link
  // again, or destroy it.
  class Owner {
   public:
    virtual void on_connected() = 0;
    virtual void on_reply(Reply&& reply) = 0;
    // The connection is gone, or none could be made. `unsent` is the number of the newest commands
    // of which no byte was sent; they are forgotten like the others. `why` is for people.
    virtual void on_lost(std::size_t unsent, const std::string& why) = 0;

   protected:
    ~Owner() = default;
  };

  // Connects from now on, until destroyed. The owner must outlive the link.
  RedisLink(boost::asio::io_context& io, RedisEndpoint endpoint, Owner& owner);
  ~RedisLink();
  RedisLink(const RedisLink&) = delete;
  RedisLink& operator=(const RedisLink&) = delete;

  bool connected() const noexcept;

  // Requires connected(). Where to append one command; sent() says that it is there. Commands that
  // are appended while the thread works through one round of its events leave together.
  std::string& output() noexcept;
  void sent();

  // How many of the newest commands have not been given to the socket yet.
  std::size_t unsent() const noexcept;

  // Drops the connection and makes a new one, after a pause that grows as long as each has to be
  // dropped.
  void reset(const std::string& why);

 private:
  class Driver;
  std::shared_ptr<Driver> driver_;
};

}  // namespace signalbox
