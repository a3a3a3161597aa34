// What a thread counts of the bodies that it archives: gateway/archive.
#pragma once

#include "gateway/telemetry/counters.hpp"

namespace signalbox {

struct ArchiveCounters {
  Counter archived;
  Counter not_archived;  // best effort: the queue was full or the store was away
};

}  // namespace signalbox
