// The network between clients and gateways: it delays, loses requests and answers, and finds a
// gateway that is up, or none. A client that waits too long hangs up.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "tests/sim/sim_gateway.hpp"

namespace signalbox::sim {

class Network {
 public:
  // What a client is told; nothing: it does not know what became of its request.
  using Told = std::function<void(const std::optional<Response>&)>;
  // What leaves the gateway, and when the request arrived there by the gateway's clock.
  using Seen = std::function<void(const Response&, Time received)>;

  Network(Schedule& schedule, Dice& dice, std::vector<std::unique_ptr<SimGateway>>& gateways)
      : schedule_{schedule}, dice_{dice}, gateways_{gateways} {}

  void ask(Asked asked, Milliseconds patience, Seen seen, Told told);

  unsigned loss = 0;  // in percent, of requests and of answers
  Milliseconds slowest{10};

 private:
  // One call, until the client knows or gives up.
  struct Pending {
    Told told;
    std::weak_ptr<Exchange> exchange;
    bool over = false;
    void end(const std::optional<Response>& response) {
      if (over) return;
      over = true;
      if (const auto open = exchange.lock()) open->hang_up();
      told(response);
    }
  };
  void arrive(const std::shared_ptr<Pending>& pending, Asked asked, Seen seen);

  Schedule& schedule_;
  Dice& dice_;
  std::vector<std::unique_ptr<SimGateway>>& gateways_;
};

}  // namespace signalbox::sim
