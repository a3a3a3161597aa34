// Agents: what they and the operator write.
#include <fmt/format.h>

#include "tests/sim/actors/agents.hpp"
#include "tests/sim/actors/api_client.hpp"

namespace signalbox::sim {

// What a send is about: a work, what the sender was given, or both.
std::string Agents::make_subject(const PartyName& sender) {
  const auto work = fmt::format(R"("work":"github:acme/api#{}")", 1 + world_.dice.upto(3));
  const auto& held = held_[sender.name];
  if (held.empty() || world_.dice.percent(60)) return work;
  const auto cause = fmt::format(R"("cause":"{}")", world_.dice.any(held).receipt);
  return world_.dice.percent(50) ? cause : work + "," + cause;
}

Agents::SendTry Agents::make_send() {
  ++count_;
  const bool is_operator = world_.dice.percent(25);
  SendTry made{is_operator ? operator_name : world_.dice.any(agent_names), {}, {}, false};
  constexpr std::array<std::string_view, 5> recipients{"reviewer", "coder", "planner", "painter",
                                                       "topic:all"};
  const std::string_view recipient = recipients[world_.dice.upto(recipients.size())];
  made.body = fmt::format(R"({{"to":"{}","kind":"{}",{},"summary":"Message {}"}})", recipient,
                          is_operator ? "decision" : "progress", make_subject(made.sender), count_);
  // Nobody reaches into another namespace, but for operators, who name whom they mean there.
  const bool to_topic = recipient.starts_with("topic:");
  made.crosses = !is_operator && !to_topic && space_of_mailbox(recipient) != made.sender.space;
  if (made.crosses || world_.dice.percent(40)) return made;
  made.key = fmt::format("key-{}", world_.dice.upto(count_ + 1));
  if (is_operator) made.key += space_of_mailbox(recipient);
  return made;
}

void Agents::send(const SendTry& wanted) {
  const std::string sender{wanted.sender.name};
  world_.act(fmt::format("{} sends {} under '{}'", sender, wanted.body, wanted.key));
  if (!wanted.key.empty()) world_.server.events.sending(sender, wanted.key, wanted.body);
  ask(
      wanted.sender, "/v1/messages", wanted.body,
      [this, sender, wanted](const Response& response, Time) {
        if (wanted.crosses) {
          world_.verdict.saw("a send into another namespace is refused");
          return world_.verdict.expect(
              response.status == 404, "namespaces",
              fmt::format("a send into another namespace is answered {}", response.status));
        }
        world_.server.events.send_answered(sender, wanted.key, wanted.body, response);
      },
      [this, wanted](const std::optional<Response>& response) {
        // Who does not know asks again, if that is safe.
        const bool unsure = !response || response->status == 503;
        if (!unsure || wanted.key.empty() || world_.dice.percent(40)) return;
        world_.schedule.after(world_.dice.milliseconds(100, 30'000),
                              [this, wanted] { send(wanted); });
      },
      wanted.key);
}

void Agents::send_some() {
  if (!sends_.empty() && world_.dice.percent(30)) return send(world_.dice.any(sends_));
  sends_.push_back(make_send());
  send(sends_.back());
}

void Agents::send_wrongly() {
  const bool nobody = world_.dice.percent(50);
  const PartyName& agent = world_.dice.any(agent_names);
  // An agent decides nothing, and nobody writes in another's name.
  const std::string body = nobody ? R"({"to":"nobody","kind":"note","summary":"Hello"})"
                                  : R"({"to":"coder","kind":"evidence","summary":"It works"})";
  world_.act(fmt::format("{} sends {}", agent.name, body));
  ask(
      agent, "/v1/messages", body,
      [this, nobody](const Response& response, Time) {
        world_.verdict.expect(response.status == (nobody ? 404 : 403), nobody ? "M1" : "M3",
                              fmt::format("a wrong send is answered {}", response.status));
      },
      [](const std::optional<Response>&) {});
}

}  // namespace signalbox::sim
