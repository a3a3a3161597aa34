// What the kernel says of this process, for the metrics whose names every Prometheus client shares.
// https://prometheus.io/docs/instrumenting/writing_clientlibs/#process-metrics
#pragma once

#include <cstdint>
#include <optional>

namespace signalbox {

struct ProcessFacts {
  double cpu_seconds = 0;  // user and system, of all threads
  std::uint64_t resident_bytes = 0;
  std::uint64_t open_descriptors = 0;
  std::uint64_t descriptors_max = 0;  // the soft limit
  double start_seconds = 0;           // since the epoch
};

// Nothing where /proc cannot be read. Thread-safe.
std::optional<ProcessFacts> read_process_facts();

}  // namespace signalbox
