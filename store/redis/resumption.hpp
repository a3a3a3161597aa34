// A coroutine that waits for a value, kept until there is one. Asio 1.81 has no type for it that
// can be stored in a container: its handler moves, but is not assigned.
#pragma once

#include <boost/asio/async_result.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <cassert>
#include <optional>
#include <utility>

namespace signalbox {

template <class T>
class Resumption {
 public:
  using Token = boost::asio::use_awaitable_t<boost::asio::io_context::executor_type>;
  using Handler = typename boost::asio::async_result<Token, void(T)>::handler_type;

  Resumption() = default;
  explicit Resumption(Handler handler) : handler_{std::move(handler)} {}
  Resumption(Resumption&& other) noexcept { take(other); }
  Resumption& operator=(Resumption&& other) noexcept {
    if (this == &other) return *this;
    handler_.reset();
    take(other);
    return *this;
  }
  ~Resumption() = default;

  explicit operator bool() const noexcept { return handler_.has_value(); }

  // Resumes the coroutine here and now; it may do anything to what this is part of. Requires one
  // that waits.
  void operator()(T value) {
    assert(handler_);
    Handler handler = std::move(*handler_);
    handler_.reset();
    std::move(handler)(std::move(value));
  }

 private:
  void take(Resumption& other) noexcept {
    if (other.handler_) handler_.emplace(std::move(*other.handler_));
    other.handler_.reset();
  }
  std::optional<Handler> handler_;
};

}  // namespace signalbox
