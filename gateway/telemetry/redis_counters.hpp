// What a thread counts of its connection to Redis: gateway/worker.
#pragma once

#include "gateway/telemetry/counters.hpp"

namespace signalbox {

struct RedisCounters {
  LatencyHistogram round_trip;
  Counter connects;
  Counter losses;  // connections that broke, and attempts to make one that failed
};

}  // namespace signalbox
