// Those who send webhooks: providers, which try again what was not answered well, people who press
// "Redeliver", and attackers who replay and forge.
#pragma once

#include <deque>
#include <string>

#include "tests/sim/world.hpp"

namespace signalbox::sim {

// The delivery as its provider signs and sends it.
Asked webhook_of(const KnownDelivery& delivery);

class Providers {
 public:
  Providers(World& world, Fate& fate) : world_{world}, fate_{fate} {}

  void deliver_new();
  void deliver_mirrored();
  void deliver_again();  // the same id and body
  void replay_under_new_id();
  void replay_late();         // a signed body, when it is forgotten, or nearly too old
  void deliver_at_an_edge();  // of what E7 allows
  void forge();
  // Whatever is young enough is sent once more, and has to be taken.
  void settle();

 private:
  struct Sent {
    KnownDelivery delivery;
    int tries = 0;
    bool taken = false;  // answered 200
  };

  KnownDelivery make();
  void fill_github(KnownDelivery& delivery, std::uint64_t kind);
  void fill_linear(KnownDelivery& delivery, std::int64_t offset_ms);
  void fill_jira(KnownDelivery& delivery, std::int64_t offset_ms);
  Asked request_of(const KnownDelivery& delivery);
  void send(std::size_t index);
  void told(std::size_t index, const std::optional<Response>& response);
  Sent& some_sent();

  World& world_;
  Fate& fate_;
  std::deque<Sent> sent_;
  std::uint64_t count_ = 0;
};

}  // namespace signalbox::sim
