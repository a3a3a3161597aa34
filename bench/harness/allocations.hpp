// How often the process asked for memory: malloc, calloc, realloc and their kin, of all threads and
// libraries. Linked into a bench, or preloaded into any program (bench/harness/allocations.cpp).
#pragma once

#include <cstdint>

namespace signalbox::bench {

// A sanitizer brings an allocator of its own, which is left in place: nothing is counted then.
#ifdef SIGNALBOX_BENCH_NO_COUNT
inline constexpr bool allocations_are_counted = false;
#else
inline constexpr bool allocations_are_counted = true;
#endif

std::uint64_t allocation_count() noexcept;

}  // namespace signalbox::bench
