// A mailbox as a stream of server-sent events (https://html.spec.whatwg.org/#server-sent-events):
// leased messages, one event each, until the client goes, the connection has lived its longest
// life, or the gateway drains. docs/API.md says what a client sees.
//
// It leases only what its client can take: at most `window` messages are with the client at a time,
// and none is leased before the one before it is on its way. What could not be sent is given back.
#pragma once

#include <cassert>
#include <memory>
#include <string>
#include <vector>

#include "gateway/http/http.hpp"
#include "gateway/http/session_list.hpp"
#include "gateway/worker/waiters.hpp"
#include "store/store.hpp"

namespace signalbox::api {

// Dead clients are noticed by writing to them.
inline constexpr std::chrono::seconds stream_heartbeat{15};
inline constexpr std::uint32_t stream_batch_max = 10;  // messages in memory at a time

struct StreamSetting {
  boost::asio::io_context& io;
  Waiters& waiters;
  const SessionList& sessions;
  Store& store;
  ReceiveRequest request;  // its `max` is the window
  int socket = -1;         // of the client
  std::chrono::steady_clock::time_point ends{};
};

class MessageStream {
 public:
  explicit MessageStream(StreamSetting setting) : setting_{std::move(setting)} {
    assert(setting_.request.max > 0);
  }

  // The body. True when it ended by itself.
  Task<bool> run(BodyWriter& out);

 private:
  using Clock = std::chrono::steady_clock;

  Task<bool> serve(BodyWriter& out, Waiter& waiter);
  // Leases what there is room for, and sends it. `found` is left empty when there was nothing.
  Task<bool> hand_out(BodyWriter& out, std::uint32_t room, bool& found);
  Task<bool> send(BodyWriter& out, std::string text);
  Task<bool> fail(BodyWriter& out, const Error& error);
  // How many more messages the client may hold now. Asks the store once the window is full.
  Task<Result<std::uint32_t>> room();
  bool over() const;

  StreamSetting setting_;
  std::vector<std::string> held_;  // receipts that the client was given, as far as we know
  Clock::time_point last_sent_{};
  bool failed_ = false;  // the client was told so
};

}  // namespace signalbox::api
