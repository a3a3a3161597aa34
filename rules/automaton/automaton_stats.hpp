// What compiling a set of rules came to: reported by `signalbox check --stats` and as metrics.
#pragma once

#include <cstddef>
#include <cstdint>

namespace signalbox {

struct AutomatonStats {
  std::size_t rules = 0;
  std::size_t branches = 0;      // ways to match: `$or` makes several of one rule
  std::size_t conditions = 0;    // distinct ones
  std::size_t fields = 0;        // distinct paths
  std::size_t bytes = 0;         // of memory, about
  std::uint64_t compile_us = 0;  // of the automaton; reading the files is apart
};

}  // namespace signalbox
