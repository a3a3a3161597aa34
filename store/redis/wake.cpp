#include "store/redis/wake.hpp"

#include <cassert>

#include "store/redis/redis_store.hpp"

namespace signalbox {
namespace {

constexpr std::string_view wake_part = "wake:";
constexpr std::string_view wake_mark = "}:wake:";

}  // namespace

WakeSubscriber::WakeSubscriber(boost::asio::io_context& io, RedisEndpoint endpoint,
                               std::string_view prefix, std::function<void(std::string_view)> woken,
                               ConnectionObserver* observer)
    : installation_{prefix},
      woken_{std::move(woken)},
      observer_{observer},
      link_{io, std::move(endpoint), *this} {}

void WakeSubscriber::watch(const std::string& mailbox, std::string_view space) {
  Watched& watched = watched_[mailbox];
  if (++watched.count > 1) return;
  assert(watched.channel.empty());
  watched.channel = key_prefix(installation_, space).append(wake_part).append(mailbox);
  if (link_.connected()) send("SUBSCRIBE", watched.channel);
}

void WakeSubscriber::unwatch(const std::string& mailbox) {
  const auto found = watched_.find(mailbox);
  if (found == watched_.end()) return;
  assert(found->second.count > 0);
  if (--found->second.count > 0) return;
  const std::string channel = std::move(found->second.channel);
  watched_.erase(found);
  if (link_.connected()) send("UNSUBSCRIBE", channel);
}

void WakeSubscriber::send(std::string_view verb, std::string_view channel) {
  CommandWriter{link_.output(), 2}.add(verb).add(channel);
  link_.sent();
}

void WakeSubscriber::on_connected() {
  if (observer_ != nullptr) observer_->on_connected();
  for (const auto& [mailbox, watched] : watched_) send("SUBSCRIBE", watched.channel);
}

// `subscribe <channel> <count>` or `message <channel> <text>`; `unsubscribe` says nothing new.
void WakeSubscriber::on_reply(Reply&& reply) {
  if (reply.elements.size() != 3) return;
  const std::string& kind = reply.elements[0].text;
  const std::string_view channel = reply.elements[1].text;
  if (kind != "message" && kind != "subscribe") return;
  const auto at = channel.find(wake_mark);
  if (at != std::string_view::npos) woken_(channel.substr(at + wake_mark.size()));
}

void WakeSubscriber::on_lost(std::size_t, const std::string& why) {
  if (observer_ != nullptr) observer_->on_lost(why);
}

}  // namespace signalbox
