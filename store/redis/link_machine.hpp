// What a link to Redis decides: when it connects, what the answers to its greeting mean, when it
// gives up, how long it pauses, what was not sent. Events in, actions out, without sockets, timers
// or a clock; redis_link.cpp carries the actions out and reports what came of them. Pure.
//
// One loop makes a connection and reads from it; its events are begin(), opened(), greeted(),
// received(), greeting_answered() and ended(), and each says by `next` what the loop does then.
// Meanwhile anything may happen: timed_out(), reset(), written(), stop(). These close the socket,
// so that what the loop waits for ends, and its next event finds out.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "event/clock.hpp"
#include "store/backoff.hpp"
#include "store/redis/reply.hpp"

namespace signalbox {

class LinkMachine {
 public:
  static constexpr Milliseconds connect_timeout{2'000};  // from begin() to the last answer
  static constexpr Milliseconds backoff_first{10};
  static constexpr Milliseconds backoff_max{1'000};

  enum class State : std::uint8_t {
    resting,    // before begin(), and while the loop pauses
    opening,    // the socket
    greeting,   // what was asked first is not all answered yet
    connected,  //
    broken,     // told to the owner; the loop has still to notice
    stopped,    // for good
  };

  // What the loop does next.
  enum class Next : std::uint8_t {
    open,      // the socket, with connect_timeout from now on; then opened()
    greet,     // write the greeting; then greeted()
    read,      // then received() or ended()
    announce,  // the timeout is over; tell the owner that it is connected; then read, or ended()
    pause,     // so long; then begin()
    end,
  };

  // What the owner is told of a connection that is gone or was not made. `unsent` is the number of
  // the newest commands of which no byte was sent.
  struct Loss {
    std::size_t unsent = 0;
    std::string why;
  };

  // To be carried out in this order. All but the loop's events leave `next` as it is.
  struct Actions {
    bool close = false;  // the socket: what is under way on it ends with an error
    std::optional<Loss> lost{};
    bool write = false;  // all commands that have gathered, with one call; then written()
    std::optional<Next> next{};
  };

  // `name` is the server's, for people; `answers` how many replies the greeting takes.
  LinkMachine(std::string name, std::size_t answers);

  State state() const noexcept { return state_; }
  bool connected() const noexcept { return state_ == State::connected; }
  // Grows with each connection's begin and end: what was begun in another epoch means nothing now.
  std::uint64_t epoch() const noexcept { return epoch_; }

  // The loop's events. A failure is empty, or says why it failed.
  Actions begin();
  Actions opened(std::string failure);
  Actions greeted(std::string failure);
  // Bytes have come. Where `next` is to read on, each reply in them is for greeting_answered() or,
  // once connected, for the owner and replied().
  Actions received();
  Actions greeting_answered(const Reply& reply);
  Actions ended(std::string failure);
  void replied() noexcept { useful_ = true; }

  // How long the loop pauses this time: half of a back-off that doubles with each connection that
  // was of no use, and a part of the other half, drawn by lot.
  Milliseconds pause(std::uint32_t lot) noexcept;

  // Commands that were appended, and of which no byte was given to the socket: nothing that has
  // come can be their reply.
  std::size_t unsent() const noexcept { return pending_; }
  // Commands. True when a flush() has to be called, once this round of the thread's events is over.
  bool appended() noexcept;
  Actions flush();
  Actions written(std::uint64_t epoch, std::string failure);

  Actions timed_out(std::uint64_t epoch);
  Actions reset(std::string why);
  Actions stop() noexcept;

 private:
  Actions fail(std::string why);
  Actions lose(std::string why);

  std::string name_;
  std::size_t answers_;
  State state_ = State::resting;
  std::uint64_t epoch_ = 0;
  std::size_t answered_ = 0;  // of the greeting's replies
  std::string why_;           // a connection is not made; of several reasons the first counts
  bool useful_ = false;
  std::size_t pending_ = 0;  // commands that were appended, and not given to the socket yet
  bool flush_due_ = false;
  bool writing_ = false;
  Backoff backoff_{backoff_first, backoff_max};
};

}  // namespace signalbox
