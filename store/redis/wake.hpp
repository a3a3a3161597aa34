// Hears when a mailbox has a message that can be received, so that long-polls need not ask. One a
// thread, with a connection of its own, since a subscribed one can do nothing else. Used from its
// io_context's one thread only.
//
// Hearing is best effort: what is published while the connection is away is lost. So each time the
// subscription to a mailbox begins, the first one included, the mailbox counts as woken: who waits
// looks once more.
#pragma once

#include <boost/asio/io_context.hpp>

#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "store/redis/redis_connection.hpp"
#include "store/redis/redis_link.hpp"
#include "store/redis/redis_store.hpp"

namespace signalbox {

class WakeSubscriber final : private RedisLink::Owner {
 public:
  // `woken` is called with the mailbox's name, from the io_context. The observer must outlive this;
  // may be null.
  WakeSubscriber(boost::asio::io_context& io, RedisEndpoint endpoint, std::string_view prefix,
                 std::function<void(std::string_view mailbox)> woken,
                 ConnectionObserver* observer = nullptr);

  // A mailbox's name is used in one namespace only.
  // Calls are counted: a mailbox is listened to until it was unwatched as often as it was watched.
  void watch(const std::string& mailbox, std::string_view space = main_space);
  void unwatch(const std::string& mailbox);

 private:
  void on_connected() override;
  void on_reply(Reply&& reply) override;
  void on_lost(std::size_t unsent, const std::string& why) override;
  void send(std::string_view verb, std::string_view channel);

  struct Watched {
    std::string channel;  // "sb1:{main}:wake:<mailbox>"
    std::size_t count = 0;
  };

  std::string installation_;  // "sb1"
  std::function<void(std::string_view)> woken_;
  ConnectionObserver* observer_;
  std::unordered_map<std::string, Watched> watched_;  // by mailbox
  RedisLink link_;
};

}  // namespace signalbox
