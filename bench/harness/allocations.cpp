// Takes the place of the C library's allocator and passes every call on to it. With
// SIGNALBOX_BENCH_ALLOCATIONS=<file> the count is kept in that file's first eight bytes, where
// another process can read it.
#include "bench/harness/allocations.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstddef>
#include <cstdlib>

extern "C" {
void* __libc_malloc(std::size_t size);
void* __libc_calloc(std::size_t count, std::size_t size);
void* __libc_realloc(void* before, std::size_t size);
void* __libc_memalign(std::size_t alignment, std::size_t size);
void __libc_free(void* memory);
}

namespace {

constinit std::atomic<std::uint64_t> own_count{0};
constinit std::atomic<std::uint64_t>* count = &own_count;

__attribute__((constructor)) void share_count() {
  const char* path = std::getenv("SIGNALBOX_BENCH_ALLOCATIONS");
  if (path == nullptr) return;
  const int file = ::open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (file < 0 || ::ftruncate(file, sizeof own_count) != 0) return;
  void* shared = ::mmap(nullptr, sizeof own_count, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  ::close(file);
  // A child of the program counts for itself, or not at all.
  ::unsetenv("SIGNALBOX_BENCH_ALLOCATIONS");
  ::unsetenv("LD_PRELOAD");
  if (shared != MAP_FAILED) count = static_cast<std::atomic<std::uint64_t>*>(shared);
}

[[maybe_unused]] void add() noexcept { count->fetch_add(1, std::memory_order_relaxed); }

}  // namespace

namespace signalbox::bench {

std::uint64_t allocation_count() noexcept { return count->load(std::memory_order_relaxed); }

}  // namespace signalbox::bench

#ifndef SIGNALBOX_BENCH_NO_COUNT
extern "C" {

void* malloc(std::size_t size) noexcept {
  add();
  return __libc_malloc(size);
}

void* calloc(std::size_t elements, std::size_t size) noexcept {
  add();
  return __libc_calloc(elements, size);
}

void* realloc(void* before, std::size_t size) noexcept {
  add();
  return __libc_realloc(before, size);
}

void* memalign(std::size_t alignment, std::size_t size) noexcept {
  add();
  return __libc_memalign(alignment, size);
}

void* aligned_alloc(std::size_t alignment, std::size_t size) noexcept {
  add();
  return __libc_memalign(alignment, size);
}

int posix_memalign(void** into, std::size_t alignment, std::size_t size) noexcept {
  add();
  *into = __libc_memalign(alignment, size);
  return *into == nullptr ? ENOMEM : 0;
}

void free(void* memory) noexcept { __libc_free(memory); }
}
#endif
