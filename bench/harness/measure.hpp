// Measures one piece of work on many events: CPU time of this thread and requests for memory, an
// event. Prints one JSON line a case for bench/run, which adds instructions by running the same
// case twice under callgrind.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace signalbox::bench {

struct MeasureOptions {
  std::string only;          // the one case to run; empty: all
  std::uint32_t rounds = 7;  // timed ones, after one to warm up; 0: only `events`, untimed
  std::uint64_t events = 0;  // of a round
  bool list = false;         // print the names of the cases only
};

// --case NAME, --rounds N, --events N, --list. Throws std::runtime_error for anything else.
MeasureOptions read_options(int argc, char** argv, std::uint64_t events);

struct Case {
  std::string name;
  std::function<void(std::uint64_t)> work;  // of event number i
};

// Takes the cases in turn, round by round, so that all see the same machine.
void measure(const std::string& bench, const std::vector<Case>& cases,
             const MeasureOptions& options);

// Keeps a result from being optimised away.
template <class T>
void keep(const T& value) {
  asm volatile("" : : "r"(&value) : "memory");
}

}  // namespace signalbox::bench
