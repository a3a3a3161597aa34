#include "gateway/api/message_stream.hpp"

#include <algorithm>
#include <cassert>

#include "gateway/api/call.hpp"
#include "gateway/api/inbox_answers.hpp"

namespace signalbox::api {
namespace {

constexpr std::string_view opening = "retry: 2000\n\n";
constexpr std::string_view heartbeat = ":\n\n";
// How often a stream with a full window asks whether its client is done with a message.
constexpr Milliseconds full_pause_least{100};
constexpr Milliseconds full_pause_most{2'000};

// JSON has line ends between tokens only, and an event's data ends at one.
std::string one_line(std::string json) {
  std::replace_if(
      json.begin(), json.end(), [](char c) { return c == '\n' || c == '\r'; }, ' ');
  return json;
}

std::string event_text(const LeasedMessage& leased) {
  const std::string_view receipt = leased.receipt;
  std::string text = "id: ";
  text.append(receipt.substr(0, receipt.rfind('.'))).append("\nevent: message\ndata: ");
  text += one_line(leased_json(leased));
  return text += "\n\n";
}

}  // namespace

bool MessageStream::over() const {
  return Clock::now() >= setting_.ends || setting_.sessions.draining();
}

Task<bool> MessageStream::run(BodyWriter& out) {
  const std::string mailbox = setting_.request.mailbox;
  bool whole = false;
  {
    Waiter waiter{setting_.waiters, mailbox, setting_.io};
    whole = co_await serve(out, waiter);
  }
  // It may have been woken for a message that it did not take.
  setting_.waiters.wake_one(mailbox);
  co_return whole;
}

Task<bool> MessageStream::serve(BodyWriter& out, Waiter& waiter) {
  bool alive = co_await send(out, std::string{opening});
  Milliseconds full_pause = full_pause_least;
  while (alive && !over() && !failed_) {
    Request client;
    client.socket = setting_.socket;
    if (peer_gone(client)) co_return false;
    const auto more = co_await room();
    if (!more) co_return co_await fail(out, more.error());
    bool found = false;
    if (*more > 0) {
      full_pause = full_pause_least;
      alive = co_await hand_out(out, *more, found);
    }
    if (!alive || found || failed_ || over()) continue;
    auto until = std::min(setting_.ends, last_sent_ + stream_heartbeat);
    if (*more > 0) {
      co_await waiter.wait(until);
    } else {
      until = std::min(until, Clock::now() + full_pause);
      full_pause = std::min(full_pause_most, full_pause * 2);
      co_await waiter.pause(until);
    }
    if (Clock::now() >= last_sent_ + stream_heartbeat) {
      alive = co_await send(out, std::string{heartbeat});
    }
  }
  co_return alive;
}

Task<bool> MessageStream::hand_out(BodyWriter& out, std::uint32_t room, bool& found) {
  ReceiveRequest request = setting_.request;
  request.max = std::min(room, stream_batch_max);
  const Deadline deadline = call_deadline();
  const auto received = co_await setting_.store.receive(request, deadline);
  if (!received) co_return co_await fail(out, received.error());
  found = !received->messages.empty();
  std::size_t sent = 0;
  for (const LeasedMessage& message : received->messages) {
    if (!co_await send(out, event_text(message))) break;
    held_.push_back(message.receipt);
    ++sent;
  }
  assert(held_.size() <= setting_.request.max);
  if (sent == received->messages.size()) co_return true;
  std::vector<std::string> unsent;
  for (std::size_t i = sent; i < received->messages.size(); ++i) {
    unsent.push_back(received->messages[i].receipt);
  }
  const Deadline later = call_deadline();
  co_await setting_.store.give_back(setting_.request.mailbox, std::move(unsent), later);
  co_return false;
}

Task<bool> MessageStream::send(BodyWriter& out, std::string text) {
  const bool sent = co_await out.send(std::move(text));
  last_sent_ = Clock::now();
  co_return sent;
}

// The client is told why, and comes again.
Task<bool> MessageStream::fail(BodyWriter& out, const Error& error) {
  failed_ = true;
  co_return co_await send(out, "event: problem\ndata: " + respond(error).body + "\n\n");
}

Task<Result<std::uint32_t>> MessageStream::room() {
  const std::size_t window = setting_.request.max;
  if (held_.size() >= window) {
    const Deadline deadline = call_deadline();
    const auto leased = co_await setting_.store.leased(setting_.request.mailbox, held_, deadline);
    if (!leased) co_return leased.error();
    std::size_t kept = 0;
    for (std::size_t i = 0; i < held_.size(); ++i) {
      if ((*leased)[i]) std::swap(held_[kept++], held_[i]);
    }
    held_.resize(kept);
  }
  co_return static_cast<std::uint32_t>(window - std::min(window, held_.size()));
}

}  // namespace signalbox::api
