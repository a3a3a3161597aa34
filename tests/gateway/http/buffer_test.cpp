// Request buffers: memory is reused, and counted against the thread's limit.
#include "gateway/http/buffer.hpp"

#include <catch2/catch.hpp>

#include <cstring>

namespace signalbox {

TEST_CASE("a returned buffer is borrowed again", "[buffer]") {
  BufferPool pool;
  Buffer buffer = pool.take();
  const char* memory = buffer.data();
  CHECK(pool.held_bytes() == buffer_bytes);
  pool.give(buffer);
  CHECK(pool.held_bytes() == 0);
  CHECK(pool.take().data() == memory);
}

TEST_CASE("a buffer that grows keeps what was received", "[buffer]") {
  BufferPool pool;
  Buffer buffer = pool.take();
  std::memcpy(buffer.data(), "abc", 3);
  buffer.size = 3;
  REQUIRE(pool.grow(buffer, 3 * buffer_bytes));
  CHECK(buffer.view() == "abc");
  CHECK(buffer.capacity == 3 * buffer_bytes);
  CHECK(pool.held_bytes() == 3 * buffer_bytes);
  pool.give(buffer);
  CHECK(pool.held_bytes() == 0);
}

TEST_CASE("memory beyond the thread's limit is refused and changes nothing", "[buffer]") {
  BufferPool pool;
  Buffer buffer = pool.take();
  CHECK_FALSE(pool.grow(buffer, thread_buffered_bytes_max + 1));
  CHECK(buffer.capacity == buffer_bytes);
  std::size_t held = 0;
  CHECK(pool.hold(held, thread_buffered_bytes_max - buffer_bytes));
  CHECK_FALSE(pool.hold(held, thread_buffered_bytes_max));
  CHECK(pool.held_bytes() == thread_buffered_bytes_max);
  CHECK(pool.hold(held, 0));
  CHECK(pool.held_bytes() == buffer_bytes);
}

}  // namespace signalbox
