// A bounded number of keep-alive connections over which prepared requests are sent, one outstanding
// on each. One thread, epoll; no waiting without a deadline. Throws std::runtime_error.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace signalbox::bench {

struct Outcome {
  std::uint64_t answered = 0;
  std::uint64_t good = 0;                   // status 200
  std::vector<std::uint32_t> latencies_us;  // of each answer
  std::chrono::nanoseconds wall{};
};

struct Plan {
  std::uint16_t port = 0;  // on 127.0.0.1
  std::size_t connections = 1;
  std::uint64_t requests = 0;
  std::chrono::seconds deadline{60};  // of the whole run
};

// `make` renders request number i into the string that it is given.
Outcome drive(const Plan& plan, const std::function<void(std::uint64_t, std::string&)>& make);

}  // namespace signalbox::bench
