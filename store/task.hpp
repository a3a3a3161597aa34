// The coroutine that all I/O is written in, and its clock. A task runs on its io_context's one
// thread.
#pragma once

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <chrono>

namespace signalbox {

template <class T>
using Task = boost::asio::awaitable<T, boost::asio::io_context::executor_type>;
using Deadline = std::chrono::steady_clock::time_point;
using SteadyTimer =
    boost::asio::basic_waitable_timer<std::chrono::steady_clock,
                                      boost::asio::wait_traits<std::chrono::steady_clock>,
                                      boost::asio::io_context::executor_type>;

// Ends at `end`, at once where that is past.
inline Task<void> pause_until(boost::asio::io_context& io, Deadline end) {
  SteadyTimer timer{io.get_executor(), end};
  co_await timer.async_wait(boost::asio::as_tuple(
      boost::asio::use_awaitable_t<boost::asio::io_context::executor_type>{}));
}

inline Task<void> pause_for(boost::asio::io_context& io, std::chrono::milliseconds time) {
  return pause_until(io, std::chrono::steady_clock::now() + time);
}

}  // namespace signalbox
