// A bounded number of keep-alive connections over which requests are sent, one outstanding on each.
// One thread, epoll; no waiting without a deadline. Throws std::runtime_error.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <vector>

#include "bench/ingest/deliveries.hpp"

namespace signalbox::bench {

struct LoadPlan {
  std::uint16_t port = 0;  // on 127.0.0.1
  std::size_t connections = 1;
  std::uint64_t requests = 0;       // at most
  std::chrono::nanoseconds time{};  // nothing is sent later; 0: all requests are
  double per_second = 0;            // sent by the clock; 0: a connection's next follows its answer
  std::chrono::seconds deadline{60};  // of the whole run
};

struct LoadOutcome {
  std::uint64_t answered = 0;
  std::uint64_t good = 0;  // status 200
  // Of each answer. At a rate, from the moment at which its request was due, whether or not a
  // connection was free then: a server that stalls delays all that was due meanwhile.
  std::vector<std::uint32_t> latencies_us;
  std::chrono::nanoseconds wall{};
};

// `make` renders request number i into what it is given.
using MakeDelivery = std::function<void(std::uint64_t, DeliveryPieces&)>;
LoadOutcome drive(const LoadPlan& plan, const MakeDelivery& make);

}  // namespace signalbox::bench
