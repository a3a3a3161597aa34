// One thread's pipelined connection to Redis, as coroutines see it: submit a command, await its
// reply. Replies match commands in order. Every wait ends by its deadline; nothing is sent twice,
// since only the caller knows whether a command may be repeated. Used from its io_context's one
// thread only.
#pragma once

#include <boost/asio/async_result.hpp>
#include <boost/circular_buffer.hpp>

#include <memory>
#include <string>
#include <vector>

#include "event/clock.hpp"
#include "store/redis/redis_link.hpp"
#include "store/redis/reply.hpp"
#include "store/redis/resumption.hpp"
#include "store/task.hpp"

namespace signalbox {

// What becomes of a command.
struct Answer {
  enum class End : std::uint8_t {
    reply,     // Redis answered; maybe with an error
    late,      // no reply by the deadline: it may have been executed, or may be yet
    lost,      // the connection broke behind it: it may have been executed
    not_sent,  // the connection broke before it: it was not executed
  };
  End end = End::reply;
  Reply reply;
};

// Told of what happens on the way, for metrics and logs. From the connection's thread.
class ConnectionObserver {
 public:
  virtual ~ConnectionObserver() = default;
  virtual void on_round_trip(std::chrono::nanoseconds) {}
  virtual void on_connected() {}
  // `why` is for people and names the endpoint, never a payload.
  virtual void on_lost(const std::string& why) { static_cast<void>(why); }
};

struct ConnectionLimits {
  std::size_t in_flight_max = 4096;  // commands, parked ones included
  std::size_t in_flight_bytes_max = 64 * 1024 * 1024;
  // A server that owes a reply and sends nothing for so long is given up.
  Milliseconds silence_max{5'000};
  Milliseconds away_after{1'000};
};

class RedisConnection final : private RedisLink::Owner {
 public:
  // The observer must outlive the connection; null: nobody is told.
  RedisConnection(boost::asio::io_context& io, RedisEndpoint endpoint, ConnectionObserver* observer,
                  ConnectionLimits limits = {});
  // Coroutines that wait are ended where they stand.
  ~RedisConnection();
  RedisConnection(const RedisConnection&) = delete;
  RedisConnection& operator=(const RedisConnection&) = delete;

  bool connected() const noexcept { return link_.connected(); }
  // True when there has been none for longer than `limits.away_after`.
  bool away() const noexcept {
    return !connected() && std::chrono::steady_clock::now() - lost_at_ > limits_.away_after;
  }
  // Why there is no connection, for people; empty while there is one.
  const std::string& trouble() const noexcept { return trouble_; }
  // True once connected, false at the deadline.
  Task<bool> wait_connected(Deadline deadline);

  // False: the caller has to answer `overloaded`.
  bool has_room() const noexcept {
    return waiting_.size() + parked_.size() < limits_.in_flight_max &&
           bytes_ < limits_.in_flight_bytes_max;
  }

  // Requires connected(). Append exactly one command, then await submit() before anything else.
  std::string& output() noexcept {
    begin_ = link_.output().size();
    return link_.output();
  }
  auto submit(Deadline deadline);

  void reset(const std::string& why) { link_.reset(why); }

 private:
  using Token = Resumption<Answer>::Token;
  using Clock = std::chrono::steady_clock;

  struct Waiting {
    Deadline deadline;
    Clock::time_point since;
    std::size_t bytes = 0;
    Resumption<Answer> resume;  // empty: was told `late`, only its reply's place is kept
  };
  struct Parked {
    Deadline deadline;
    Resumption<bool> resume;
  };

  void enqueue(Deadline deadline, Resumption<Answer> resume);
  void on_connected() override;
  void on_reply(Reply&& reply) override;
  void on_lost(std::size_t unsent, const std::string& why) override;

  void finish_all(std::size_t unsent);
  void arm(Deadline deadline);
  void sweep();
  Deadline next_wake(Clock::time_point now) const;

  ConnectionObserver* observer_;
  ConnectionLimits limits_;
  Clock::time_point lost_at_ = Clock::now();
  std::string trouble_ = "no connection was made yet";
  boost::circular_buffer<Waiting> waiting_;  // in the order of their commands
  std::vector<Parked> parked_;               // for a connection
  std::size_t begin_ = 0;
  std::size_t bytes_ = 0;  // of the commands in waiting_
  Clock::time_point last_reply_{};
  SteadyTimer timer_;  // one for all deadlines
  Deadline armed_ = Deadline::max();
  std::shared_ptr<RedisConnection*> alive_;  // null inside once this is gone
  RedisLink link_;
};

inline auto RedisConnection::submit(Deadline deadline) {
  const auto start = [this, deadline](Resumption<Answer>::Handler handler) {
    enqueue(deadline, Resumption<Answer>{std::move(handler)});
  };
  const Token token{};
  return boost::asio::async_initiate<const Token&, void(Answer)>(start, token);
}

}  // namespace signalbox
