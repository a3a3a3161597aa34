// Request buffers: an idle connection holds none, a request borrows one from its thread's pool, and
// one of which little has come keeps that in a small one while it waits for more. Not thread-safe.
#pragma once

#include <cstddef>
#include <memory>
#include <string_view>
#include <vector>

#include "event/json.hpp"

namespace signalbox {

inline constexpr std::size_t buffer_bytes = 64 * 1024;       // of a pooled one
inline constexpr std::size_t small_buffer_bytes = 4 * 1024;  // of a connection that waits
inline constexpr std::size_t pooled_buffers_max = 64;        // of each of the two sizes
// What all requests of one thread may hold together; beyond it a growing request is refused as
// overloaded.
inline constexpr std::size_t thread_buffered_bytes_max = 512 * 1024 * 1024;

struct Buffer {
  std::unique_ptr<char[]> bytes;  // `capacity` + json_padding of them
  std::size_t capacity = 0;
  std::size_t size = 0;  // received

  char* data() const noexcept { return bytes.get(); }
  std::string_view view() const noexcept { return {bytes.get(), size}; }
};

class BufferPool {
 public:
  // `bytes_max`: what all requests may hold together.
  explicit BufferPool(std::size_t bytes_max = thread_buffered_bytes_max) : bytes_max_{bytes_max} {}

  Buffer take();
  // Gives the memory back; the buffer is empty afterwards.
  void give(Buffer& buffer);
  // Makes room for `capacity` bytes, keeping what is there. False at the thread's limit.
  bool grow(Buffer& buffer, std::size_t capacity);
  // Moves what is there to a small buffer, if it is an ordinary one and there is little in it.
  void shrink(Buffer& buffer);
  // Counts memory that a request holds elsewhere: `held` of it so far, `wanted` from now on. False,
  // and nothing changes, at the thread's limit.
  bool hold(std::size_t& held, std::size_t wanted) noexcept;
  std::size_t held_bytes() const noexcept { return held_bytes_; }
  // Free buffers that it keeps for later requests.
  std::size_t kept() const noexcept { return free_.size() + free_small_.size(); }

 private:
  using Bytes = std::unique_ptr<char[]>;
  // Where free buffers of this capacity are kept; null for sizes that are not.
  std::vector<Bytes>* free_list(std::size_t capacity) noexcept;
  Buffer make(std::size_t capacity);
  void move(Buffer& buffer, std::size_t capacity);

  std::vector<Bytes> free_;
  std::vector<Bytes> free_small_;
  std::size_t bytes_max_;
  std::size_t held_bytes_ = 0;
};

}  // namespace signalbox
