#include "store/redis/redis_connection.hpp"

#include <algorithm>
#include <cassert>
#include <utility>

namespace signalbox {

namespace asio = boost::asio;

RedisConnection::RedisConnection(asio::io_context& io, RedisEndpoint endpoint,
                                 ConnectionObserver* observer, ConnectionLimits limits)
    : observer_{observer},
      limits_{limits},
      waiting_{64},
      timer_{io.get_executor()},
      alive_{std::make_shared<RedisConnection*>(this)},
      link_{io, std::move(endpoint), *this} {}

RedisConnection::~RedisConnection() { *alive_ = nullptr; }

Task<bool> RedisConnection::wait_connected(Deadline deadline) {
  if (connected()) co_return true;
  const auto start = [this, deadline](Resumption<bool>::Handler handler) {
    parked_.push_back(Parked{deadline, Resumption<bool>{std::move(handler)}});
    arm(deadline);
  };
  const Token token{};
  co_return co_await asio::async_initiate<const Token&, void(bool)>(start, token);
}

void RedisConnection::enqueue(Deadline deadline, Resumption<Answer> resume) {
  assert(connected() && link_.output().size() > begin_);
  const auto now = Clock::now();
  const std::size_t bytes = link_.output().size() - begin_;
  if (waiting_.full()) waiting_.set_capacity(waiting_.capacity() * 2);
  if (waiting_.empty()) last_reply_ = now;
  waiting_.push_back(Waiting{deadline, now, bytes, std::move(resume)});
  bytes_ += bytes;
  link_.sent();
  arm(std::min(deadline, now + limits_.silence_max / 5));
}

void RedisConnection::on_connected() {
  trouble_.clear();
  if (observer_ != nullptr) observer_->on_connected();
  const auto alive = alive_;
  for (Parked& parked : std::exchange(parked_, {})) parked.resume(*alive != nullptr && connected());
}

void RedisConnection::on_reply(Reply&& reply) {
  if (waiting_.size() <= link_.unsent()) {
    return link_.reset("Redis sent a reply that nobody had asked for");
  }
  Waiting first = std::move(waiting_.front());
  waiting_.pop_front();
  assert(bytes_ >= first.bytes);
  bytes_ -= first.bytes;
  assert(!waiting_.empty() || bytes_ == 0);
  last_reply_ = Clock::now();
  if (observer_ != nullptr) observer_->on_round_trip(last_reply_ - first.since);
  if (first.resume) first.resume(Answer{Answer::End::reply, std::move(reply)});
}

void RedisConnection::on_lost(std::size_t unsent, const std::string& why) {
  if (trouble_.empty()) lost_at_ = Clock::now();
  trouble_ = why;
  if (observer_ != nullptr) observer_->on_lost(why);
  finish_all(unsent);
}

void RedisConnection::finish_all(std::size_t unsent) {
  boost::circular_buffer<Waiting> gone{waiting_.capacity()};
  assert(unsent <= waiting_.size());
  gone.swap(waiting_);
  bytes_ = 0;
  for (std::size_t i = 0; i < gone.size(); ++i) {
    if (!gone[i].resume) continue;
    const bool sent = i + unsent < gone.size();
    gone[i].resume(Answer{sent ? Answer::End::lost : Answer::End::not_sent, {}});
  }
}

Deadline RedisConnection::next_wake(Clock::time_point now) const {
  Deadline next = Deadline::max();
  for (const Parked& parked : parked_) next = std::min(next, parked.deadline);
  for (const Waiting& waiting : waiting_) {
    if (waiting.resume) next = std::min(next, waiting.deadline);
  }
  if (!waiting_.empty()) next = std::min(next, now + limits_.silence_max / 5);
  return next;
}

void RedisConnection::arm(Deadline deadline) {
  if (deadline >= armed_) return;
  armed_ = deadline;
  timer_.expires_at(deadline);
  timer_.async_wait([alive = alive_](const boost::system::error_code& cancelled) {
    if (!cancelled && *alive != nullptr) (*alive)->sweep();
  });
}

void RedisConnection::sweep() {
  const auto now = Clock::now();
  armed_ = Deadline::max();
  if (!waiting_.empty() &&
      now - std::max(last_reply_, waiting_.front().since) >= limits_.silence_max) {
    link_.reset("Redis has owed a reply for too long");  // ends all that wait
  }
  std::vector<Resumption<Answer>> late;
  for (Waiting& waiting : waiting_) {
    if (waiting.resume && waiting.deadline <= now) late.push_back(std::move(waiting.resume));
  }
  std::vector<Resumption<bool>> unconnected;
  std::erase_if(parked_, [&](Parked& parked) {
    if (parked.deadline > now) return false;
    unconnected.push_back(std::move(parked.resume));
    return true;
  });
  arm(next_wake(now));
  for (auto& resume : late) resume(Answer{Answer::End::late, {}});
  for (auto& resume : unconnected) resume(false);
}

}  // namespace signalbox
