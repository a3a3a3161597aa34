#include "tests/sim/network.hpp"

namespace signalbox::sim {

void Network::ask(Asked asked, Milliseconds patience, Seen seen, Told told) {
  const auto pending = std::make_shared<Pending>();
  pending->told = std::move(told);
  schedule_.after(patience, [pending] { pending->end(std::nullopt); });
  if (dice_.percent(loss)) return;
  schedule_.after(dice_.milliseconds(0, slowest.count()),
                  [this, pending, asked = std::move(asked), seen = std::move(seen)]() mutable {
                    arrive(pending, std::move(asked), std::move(seen));
                  });
}

void Network::arrive(const std::shared_ptr<Pending>& pending, Asked asked, Seen seen) {
  std::vector<SimGateway*> up;
  for (const auto& gateway : gateways_) {
    if (gateway->accepts()) up.push_back(gateway.get());
  }
  if (up.empty()) return pending->end(std::nullopt);  // refused
  SimGateway& gateway = *dice_.any(up);
  const Time received = gateway.clock.now();
  pending->exchange =
      gateway.ask(std::move(asked),
                  [this, pending, received, seen = std::move(seen)](const Response& response) {
                    seen(response, received);
                    if (dice_.percent(loss)) return;
                    schedule_.after(dice_.milliseconds(0, slowest.count()),
                                    [pending, response] { pending->end(response); });
                  });
}

}  // namespace signalbox::sim
