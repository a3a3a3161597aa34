// What a thread counts of its connections: gateway/http and gateway/worker.
#pragma once

#include "gateway/telemetry/counters.hpp"

namespace signalbox {

struct ConnectionCounters {
  Counter hooks;  // accepted
  Counter api;
  Counter crowded_out;  // ended for new ones, when there were as many as there may be
  Counter tls_handshakes;
  Counter tls_handshakes_failed;
  // Sampled a few times a second.
  std::atomic<std::int64_t> buffered_bytes{0};
  std::atomic<std::int64_t> waiters{0};  // long polls and streams
};

}  // namespace signalbox
