#include "gateway/http/buffer.hpp"

#include <cassert>
#include <cstring>

namespace signalbox {

std::vector<BufferPool::Bytes>* BufferPool::free_list(std::size_t capacity) noexcept {
  if (capacity == buffer_bytes) return &free_;
  return capacity == small_buffer_bytes ? &free_small_ : nullptr;
}

Buffer BufferPool::make(std::size_t capacity) {
  Buffer buffer;
  std::vector<Bytes>* const free = free_list(capacity);
  if (free == nullptr || free->empty()) {
    // Value-initialised: the padding behind a body is read, though its content does not matter.
    buffer.bytes = std::make_unique<char[]>(capacity + json_padding);
  } else {
    buffer.bytes = std::move(free->back());
    free->pop_back();
  }
  buffer.capacity = capacity;
  held_bytes_ += capacity;
  return buffer;
}

Buffer BufferPool::take() { return make(buffer_bytes); }

void BufferPool::give(Buffer& buffer) {
  assert(buffer.bytes != nullptr && held_bytes_ >= buffer.capacity);
  held_bytes_ -= buffer.capacity;
  std::vector<Bytes>* const free = free_list(buffer.capacity);
  if (free != nullptr && free->size() < pooled_buffers_max) {
    free->push_back(std::move(buffer.bytes));
  }
  buffer = {};
}

void BufferPool::move(Buffer& buffer, std::size_t capacity) {
  assert(buffer.size <= capacity);
  Buffer other = make(capacity);
  std::memcpy(other.data(), buffer.data(), buffer.size);
  other.size = buffer.size;
  give(buffer);
  buffer = std::move(other);
}

bool BufferPool::grow(Buffer& buffer, std::size_t capacity) {
  if (capacity <= buffer.capacity) return true;
  if (held_bytes_ - buffer.capacity + capacity > bytes_max_) return false;
  move(buffer, capacity);
  return true;
}

void BufferPool::shrink(Buffer& buffer) {
  if (buffer.capacity != buffer_bytes || buffer.size > small_buffer_bytes) return;
  move(buffer, small_buffer_bytes);
}

bool BufferPool::hold(std::size_t& held, std::size_t wanted) noexcept {
  assert(held_bytes_ >= held);
  if (wanted > held && held_bytes_ - held + wanted > bytes_max_) return false;
  held_bytes_ = held_bytes_ - held + wanted;
  held = wanted;
  return true;
}

}  // namespace signalbox
