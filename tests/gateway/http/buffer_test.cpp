// Request buffers: memory is reused, and counted against the thread's limit.
#include "gateway/http/buffer.hpp"

#include <catch2/catch.hpp>

#include <cstring>
#include <string>
#include <vector>

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

TEST_CASE("memory up to the thread's limit is given, beyond it is refused and changes nothing",
          "[buffer]") {
  constexpr std::size_t most = 3 * buffer_bytes;
  BufferPool pool{most};
  Buffer buffer = pool.take();
  CHECK_FALSE(pool.grow(buffer, most + 1));
  CHECK(buffer.capacity == buffer_bytes);
  CHECK(pool.held_bytes() == buffer_bytes);
  CHECK(pool.grow(buffer, most));
  pool.give(buffer);

  buffer = pool.take();
  std::size_t held = 0;
  CHECK_FALSE(pool.hold(held, most - buffer_bytes + 1));
  CHECK(held == 0);
  CHECK(pool.hold(held, most - buffer_bytes));
  CHECK(pool.held_bytes() == most);
  CHECK(pool.hold(held, 0));
  CHECK(pool.held_bytes() == buffer_bytes);
  pool.give(buffer);
}

TEST_CASE("what waits with 4 KiB or less is kept in a small buffer, more stays where it is",
          "[buffer]") {
  BufferPool pool;
  for (const std::size_t received : {std::size_t{4'096}, std::size_t{4'097}}) {
    Buffer buffer = pool.take();
    buffer.size = received;
    std::memset(buffer.data(), 'x', received);
    pool.shrink(buffer);
    CHECK(buffer.capacity == (received == 4'096 ? small_buffer_bytes : buffer_bytes));
    CHECK(pool.held_bytes() == buffer.capacity);
    CHECK(buffer.view() == std::string(received, 'x'));
    REQUIRE(pool.grow(buffer, buffer_bytes));
    CHECK(buffer.capacity == buffer_bytes);
    CHECK(buffer.view() == std::string(received, 'x'));
    pool.give(buffer);
    CHECK(pool.held_bytes() == 0);
  }
  Buffer large = pool.take();
  REQUIRE(pool.grow(large, 2 * buffer_bytes));
  pool.shrink(large);
  CHECK(large.capacity == 2 * buffer_bytes);
  pool.give(large);
}

TEST_CASE("a pool keeps 64 buffers for later, and frees what is more or larger", "[buffer]") {
  BufferPool pool;
  std::vector<Buffer> taken;
  for (std::size_t i = 0; i < pooled_buffers_max + 1; ++i) taken.push_back(pool.take());
  Buffer larger = pool.take();
  REQUIRE(pool.grow(larger, 2 * buffer_bytes));
  pool.give(larger);
  CHECK(pool.kept() == 1);  // what it was before it grew
  for (Buffer& each : taken) pool.give(each);
  CHECK(pool.kept() == 64);
  CHECK(pool.held_bytes() == 0);
}

}  // namespace signalbox
