// How often the process asked for memory: malloc, calloc, realloc and their kin, of all threads and
// libraries. Linked into a bench, or preloaded into any program (bench/harness/allocations.cpp).
#pragma once

#include <cstdint>

namespace signalbox::bench {

std::uint64_t allocation_count() noexcept;

}  // namespace signalbox::bench
