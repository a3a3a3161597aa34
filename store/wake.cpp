#include "store/wake.hpp"

#include "store/redis_store.hpp"

namespace signalbox {

WakeSubscriber::WakeSubscriber(boost::asio::io_context& io, RedisEndpoint endpoint,
                               std::string_view prefix, std::function<void(std::string_view)> woken,
                               ConnectionObserver* observer)
    : channel_prefix_{key_prefix(prefix) + "wake:"},
      woken_{std::move(woken)},
      observer_{observer},
      link_{io, std::move(endpoint), *this} {}

void WakeSubscriber::watch(const std::string& mailbox) {
  if (++watched_[mailbox] == 1 && link_.connected()) send("SUBSCRIBE", mailbox);
}

void WakeSubscriber::unwatch(const std::string& mailbox) {
  const auto found = watched_.find(mailbox);
  if (found == watched_.end() || --found->second > 0) return;
  watched_.erase(found);
  if (link_.connected()) send("UNSUBSCRIBE", mailbox);
}

void WakeSubscriber::send(std::string_view verb, std::string_view mailbox) {
  CommandWriter{link_.output(), 2}.add(verb).add_joined({channel_prefix_, mailbox});
  link_.sent();
}

void WakeSubscriber::on_connected() {
  if (observer_ != nullptr) observer_->on_connected();
  for (const auto& [mailbox, count] : watched_) send("SUBSCRIBE", mailbox);
}

// `subscribe <channel> <count>` or `message <channel> <text>`; `unsubscribe` says nothing new.
void WakeSubscriber::on_reply(Reply&& reply) {
  if (reply.elements.size() != 3) return;
  const std::string& kind = reply.elements[0].text;
  const std::string_view channel = reply.elements[1].text;
  if (kind != "message" && kind != "subscribe") return;
  if (channel.starts_with(channel_prefix_)) woken_(channel.substr(channel_prefix_.size()));
}

void WakeSubscriber::on_lost(std::size_t, const std::string& why) {
  if (observer_ != nullptr) observer_->on_lost(why);
}

}  // namespace signalbox
