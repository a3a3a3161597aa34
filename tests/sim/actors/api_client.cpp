#include "tests/sim/actors/api_client.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace signalbox::sim {

void call_api(World& world, ApiCall call, Network::Seen seen, Network::Told told) {
  Asked asked;
  asked.listener = Listener::api;
  asked.method = call.body.empty() ? "GET" : "POST";
  asked.target = std::move(call.target);
  asked.body = std::move(call.body);
  asked.headers = {{"Authorization", fmt::format("Bearer {}", call.who.token)}};
  if (!call.key.empty()) asked.headers.emplace_back("Idempotency-Key", std::move(call.key));
  world.network.ask(std::move(asked), api_patience, std::move(seen), std::move(told));
}

bool one_of(unsigned status, std::initializer_list<unsigned> known) {
  return std::find(known.begin(), known.end(), status) != known.end();
}

}  // namespace signalbox::sim
