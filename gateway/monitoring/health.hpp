// What monitoring asks of the process: is it ready, and what do its counters say. Thread-safe.
#pragma once

#include <functional>
#include <string>
#include <vector>

namespace signalbox {

struct HealthCheck {
  std::string name;
  bool good = false;
  std::string detail;
  bool warning = false;  // good, and somebody should look at it
};

struct Health {
  std::function<std::vector<HealthCheck>()> checks;  // ready when all are good
  std::function<std::string()> metrics;              // the exposition text
};

}  // namespace signalbox
