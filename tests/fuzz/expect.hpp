// What a fuzz target claims. Unlike assert() it holds in every build.
#pragma once

#include <cstdio>
#include <cstdlib>

namespace signalbox::fuzz {

inline void expect(bool claim, const char* what) {
  if (claim) return;
  std::fprintf(stderr, "does not hold: %s\n", what);
  std::abort();
}

}  // namespace signalbox::fuzz
