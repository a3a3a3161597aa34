#include "store/redis/link_machine.hpp"

#include <cassert>
#include <utility>

namespace signalbox {
namespace {

constexpr std::size_t answer_chars_max = 100;  // of an error, for people

}  // namespace

LinkMachine::LinkMachine(std::string name, std::size_t answers)
    : name_{std::move(name)}, answers_{answers} {
  assert(answers > 0);
}

LinkMachine::Actions LinkMachine::begin() {
  if (state_ == State::stopped) return {.next = Next::end};
  assert(state_ == State::resting);
  state_ = State::opening;
  answered_ = 0;
  why_.clear();
  useful_ = false;
  return {.next = Next::open};
}

LinkMachine::Actions LinkMachine::opened(std::string failure) {
  if (state_ == State::stopped) return ended({});
  assert(state_ == State::opening);
  if (!failure.empty() || !why_.empty()) return fail(std::move(failure));
  state_ = State::greeting;
  return {.next = Next::greet};
}

LinkMachine::Actions LinkMachine::greeted(std::string failure) {
  if (state_ == State::stopped) return ended({});
  assert(state_ == State::greeting);
  if (!failure.empty() || !why_.empty()) return fail(std::move(failure));
  return {.next = Next::read};
}

LinkMachine::Actions LinkMachine::received() {
  const bool wanted = connected() || (state_ == State::greeting && why_.empty());
  return wanted ? Actions{.next = Next::read} : ended({});
}

// A server that is still loading its data, has too many clients or wants another password answers
// with an error, and is not there yet.
LinkMachine::Actions LinkMachine::greeting_answered(const Reply& reply) {
  if (state_ == State::stopped) return ended({});
  assert(state_ == State::greeting && why_.empty());
  if (!reply.is(Reply::Kind::status)) {
    return fail(name_ +
                ": Redis answered a greeting with: " + reply.text.substr(0, answer_chars_max));
  }
  if (++answered_ < answers_) return {.next = Next::read};
  state_ = State::connected;
  ++epoch_;
  return {.next = Next::announce};
}

LinkMachine::Actions LinkMachine::ended(std::string failure) {
  switch (state_) {
    case State::opening:
    case State::greeting:
      return fail(std::move(failure));
    case State::connected: {
      Actions actions = lose(std::move(failure));
      actions.next = ended({}).next;
      return actions;
    }
    case State::resting:
    case State::broken:
      state_ = State::resting;
      return {.next = Next::pause};
    case State::stopped:
      break;
  }
  return {.close = true, .next = Next::end};
}

Milliseconds LinkMachine::pause(std::uint32_t lot) noexcept {
  assert(state_ == State::resting);
  if (useful_) backoff_.reset();
  useful_ = false;
  const Milliseconds whole = backoff_.next();
  return whole / 2 + Milliseconds{lot % (whole.count() / 2 + 1)};
}

bool LinkMachine::appended() noexcept {
  assert(connected());
  ++pending_;
  if (flush_due_ || writing_) return false;
  return flush_due_ = true;
}

LinkMachine::Actions LinkMachine::flush() {
  flush_due_ = false;
  if (!connected() || writing_ || pending_ == 0) return {};
  writing_ = true;
  pending_ = 0;
  return {.write = true};
}

LinkMachine::Actions LinkMachine::written(std::uint64_t epoch, std::string failure) {
  assert(writing_);
  writing_ = false;
  if (!failure.empty() && epoch == epoch_ && connected()) return lose(std::move(failure));
  return flush();
}

LinkMachine::Actions LinkMachine::timed_out(std::uint64_t epoch) {
  if (epoch != epoch_ || (state_ != State::opening && state_ != State::greeting)) return {};
  if (why_.empty()) why_ = name_ + ": no answer to a new connection in time";
  return {.close = true};
}

LinkMachine::Actions LinkMachine::reset(std::string why) {
  if (!connected()) return {};
  useful_ = false;  // it answered, and wrongly: the next connection waits longer
  return lose(std::move(why));
}

LinkMachine::Actions LinkMachine::stop() noexcept {
  state_ = State::stopped;
  return {.close = true};
}

// No connection was made.
LinkMachine::Actions LinkMachine::fail(std::string why) {
  if (why_.empty()) why_ = std::move(why);
  state_ = State::resting;
  ++epoch_;
  return {.close = true, .lost = Loss{0, why_}, .next = Next::pause};
}

LinkMachine::Actions LinkMachine::lose(std::string why) {
  state_ = State::broken;
  ++epoch_;
  return {.close = true, .lost = Loss{std::exchange(pending_, 0), std::move(why)}};
}

}  // namespace signalbox
