#include "gateway/http/buffer.hpp"

#include <cassert>
#include <cstring>

namespace signalbox {

Buffer BufferPool::take() {
  Buffer buffer;
  if (free_.empty()) {
    // Value-initialised: the padding behind a body is read, though its content does not matter.
    buffer.bytes = std::make_unique<char[]>(buffer_bytes + json_padding);
  } else {
    buffer.bytes = std::move(free_.back());
    free_.pop_back();
  }
  buffer.capacity = buffer_bytes;
  held_bytes_ += buffer.capacity;
  return buffer;
}

void BufferPool::give(Buffer& buffer) {
  assert(buffer.bytes != nullptr && held_bytes_ >= buffer.capacity);
  held_bytes_ -= buffer.capacity;
  if (buffer.capacity == buffer_bytes && free_.size() < pooled_buffers_max) {
    free_.push_back(std::move(buffer.bytes));
  }
  buffer = {};
}

bool BufferPool::grow(Buffer& buffer, std::size_t capacity) {
  if (capacity <= buffer.capacity) return true;
  if (held_bytes_ - buffer.capacity + capacity > bytes_max_) return false;
  auto bytes = std::make_unique<char[]>(capacity + json_padding);
  std::memcpy(bytes.get(), buffer.data(), buffer.size);
  Buffer larger{std::move(bytes), capacity, buffer.size};
  give(buffer);
  held_bytes_ += capacity;
  buffer = std::move(larger);
  return true;
}

bool BufferPool::hold(std::size_t& held, std::size_t wanted) noexcept {
  assert(held_bytes_ >= held);
  if (wanted > held && held_bytes_ - held + wanted > bytes_max_) return false;
  held_bytes_ = held_bytes_ - held + wanted;
  held = wanted;
  return true;
}

}  // namespace signalbox
