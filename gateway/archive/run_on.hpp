// Slow work off the I/O threads.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <utility>

#include "store/task.hpp"

namespace signalbox {

// Runs `work` on another executor and goes on here with its result. What it refers to must stay
// valid until then; it must not throw.
template <class T, class Work>
Task<T> run_on(boost::asio::io_context& io, const boost::asio::any_io_executor& other,
               const Work& work) {
  namespace asio = boost::asio;
  const auto start = [&io, &other, &work]<class H>(H handler) {
    asio::post(other, [&io, &work, handler = std::move(handler)]() mutable {
      asio::post(io, [result = work(), handler = std::move(handler)]() mutable {
        std::move(handler)(std::move(result));
      });
    });
  };
  using Completion = asio::use_awaitable_t<asio::io_context::executor_type>;
  const Completion token{};
  co_return co_await asio::async_initiate<const Completion&, void(T)>(start, token);
}

}  // namespace signalbox
