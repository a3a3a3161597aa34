// Those who read and write messages: agents that work, dawdle, die and come back with old receipts,
// and an operator who writes to them. They speak HTTP's words to production's routes.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "tests/sim/world.hpp"

namespace signalbox::sim {

class Agents {
 public:
  explicit Agents(World& world) : world_{world} {}

  void receive_some();
  void listen();  // to a stream, for a while
  void use_old_receipts();
  void send_some();
  void send_wrongly();  // to nobody, or what the sender may not
  void read_an_event();
  void look();
  // Reads a mailbox to its end, and acknowledges everything.
  void empty_mailboxes();

 private:
  struct Held {
    std::string receipt;
    std::string cause;
  };
  struct SendTry {
    PartyName sender;
    std::string body;
    std::string key;
    bool crosses = false;  // into another namespace
  };

  void ask(const PartyName& who, std::string target, std::string body, Network::Seen seen,
           Network::Told told, std::string key = {});
  void receive(const PartyName& agent, const std::string& body, bool empties);
  void receive_within(const PartyName& agent, std::int64_t max);
  void read_reference(const PartyName& agent, const std::string& reference);
  void take(const PartyName& agent, const Response& response, bool empties);
  Held take_one(const PartyName& agent, const std::string& leased);
  void take_piece(const PartyName& agent, const std::string& piece);
  void work_on(const PartyName& agent, const Held& held);
  void use(const PartyName& agent, std::string_view verb, std::vector<std::string> receipts);
  void check_used(const std::string& mailbox, std::string_view verb, std::size_t count,
                  const Response& response);
  void send(const SendTry& wanted);
  SendTry make_send();
  std::string make_subject(const PartyName& sender);

  World& world_;
  std::map<std::string_view, std::vector<Held>> held_;  // all that an agent was ever given
  std::vector<SendTry> sends_;
  std::uint64_t count_ = 0;
};

}  // namespace signalbox::sim
