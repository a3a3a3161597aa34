// Stores the bodies of events that no message cites: best effort, in the background, bounded. Long
// ones are compressed on a thread of its own, off the I/O threads.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/io_context.hpp>

#include <atomic>
#include <memory>
#include <string>
#include <utility>

#include "event/clock.hpp"
#include "store/store.hpp"

namespace signalbox {

class ThreadCounters;

inline constexpr std::size_t archive_queue_bytes_max = 32 * 1024 * 1024;  // of one thread

// One per I/O thread; they share the compressing thread. `compressors` runs what may take long; the
// simulation gives it the thread's own.
class Archiver {
 public:
  Archiver(boost::asio::io_context& io, boost::asio::any_io_executor compressors,
           ThreadCounters& counters)
      : io_{io}, compressors_{std::move(compressors)}, counters_{counters} {}

  // Return at once; count what they have to drop. The store must outlive the io_context's run.
  void store_later(Store& to, std::string event, std::string compressed, Milliseconds keep);
  void compress_and_store_later(Store& to, std::string event, std::string body, Milliseconds keep);

  // Compressed on the compressing thread. The text must stay valid until the task ends.
  Task<std::string> compress_off_thread(std::string_view body);

  // Where slow work runs.
  const boost::asio::any_io_executor& compressors() const noexcept { return compressors_; }

 private:
  bool take(std::size_t bytes);
  Task<void> compress_and_store(Store& to, std::string event, std::string body, Milliseconds keep);
  Task<void> store(Store& to, std::string event, std::string compressed, Milliseconds keep,
                   std::size_t taken_bytes);

  boost::asio::io_context& io_;
  boost::asio::any_io_executor compressors_;
  ThreadCounters& counters_;
  std::size_t queued_bytes_ = 0;
};

}  // namespace signalbox
