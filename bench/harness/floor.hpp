// What reading an event costs a program that needs seven of its fields and nothing else: simdjson's
// On-Demand, fields in the order in which GitHub sends them. Benches of rules are told as ratios to
// it, taken in one run.
#pragma once

#include <simdjson.h>

#include "bench/harness/payloads.hpp"

namespace signalbox::bench {

void read_seven_fields(simdjson::ondemand::parser& parser, const Payload& payload);

}  // namespace signalbox::bench
