// How agents and operators call a gateway's private routes.
#pragma once

#include <initializer_list>
#include <string>

#include "tests/sim/world.hpp"

namespace signalbox::sim {

// How long a caller waits for an answer before it does not know.
inline constexpr Milliseconds api_patience{15'000};

struct ApiCall {
  PartyName who;
  std::string target;
  std::string body;  // empty: a GET
  std::string key;   // Idempotency-Key; empty: none
};

void call_api(World& world, ApiCall call, Network::Seen seen, Network::Told told);

// Whether what a party is told is one of the answers that the call has.
bool one_of(unsigned status, std::initializer_list<unsigned> known);

}  // namespace signalbox::sim
