// What a thread counts at the private listener: gateway/api.
#pragma once

#include "event/error.hpp"
#include "gateway/telemetry/counters.hpp"

namespace signalbox {

struct ApiCounters {
  Counter requests;
  std::array<Counter, reason_count> refused;  // by Reason
};

}  // namespace signalbox
