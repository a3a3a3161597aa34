#include "tests/sim/actors/agents.hpp"

#include <fmt/format.h>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>

#include "tests/sim/actors/answers.hpp"
#include "tests/sim/actors/api_client.hpp"
#include "tests/sim/ledger/budget.hpp"

namespace signalbox::sim {
namespace {

namespace json = boost::json;

}  // namespace

void Agents::ask(const PartyName& who, std::string target, std::string body, Network::Seen seen,
                 Network::Told told, std::string key) {
  call_api(world_, {who, std::move(target), std::move(body), std::move(key)}, std::move(seen),
           std::move(told));
}

void Agents::receive_some() {
  const PartyName& agent = world_.dice.any(agent_names);
  const std::int64_t max = world_.dice.between(1, 4);
  std::string body = fmt::format(R"({{"max":{}}})", max);
  if (world_.dice.percent(40)) {
    body = fmt::format(R"({{"max":{},"visibility":"{}s","wait":"{}s"}})", max,
                       world_.dice.between(2, 50), world_.dice.between(1, 12));
  } else if (world_.dice.percent(35)) {
    return receive_within(agent, max);
  }
  receive(agent, body, false);
}

// With a budget of bytes: what does not fit is told of, and not given (M4).
void Agents::receive_within(const PartyName& agent, std::int64_t max) {
  const std::int64_t budget = world_.dice.between(512, world_.dice.percent(50) ? 900 : 4'000);
  const std::string body = fmt::format(R"({{"max":{},"max_bytes":{}}})", max, budget);
  world_.act(fmt::format("{} receives {}", agent.name, body));
  ask(
      agent, "/v1/inbox/receive", body,
      [this, budget](const Response& response, Time) {
        if (response.status == 200 && !response.body.empty()) {
          check_within_budget(world_.verdict, response.body, static_cast<std::size_t>(budget));
        }
      },
      [this, agent](const std::optional<Response>& response) {
        if (!response || response->status != 200 || response->body.empty()) return;
        for (const std::string& reference : truncated_references(response->body)) {
          read_reference(agent, reference);
        }
        take(agent, *response, false);
      });
}

// What was cut down can be had whole, unless it is done by then.
void Agents::read_reference(const PartyName& agent, const std::string& reference) {
  ask(
      agent, reference, {},
      [this, reference](const Response& response, Time) {
        world_.verdict.expect(one_of(response.status, {200, 404, 503}), "M4",
                              fmt::format("{} is answered {}", reference, response.status));
        if (response.status != 200) return;
        world_.verdict.saw("a truncated message is read whole");
        const std::string id = reference.substr(reference.rfind('/') + 1);
        world_.verdict.expect(response.body.find("\"" + id + "\"") != std::string::npos, "M4",
                              reference + " leads to another message");
      },
      [](const std::optional<Response>&) {});
}

void Agents::receive(const PartyName& agent, const std::string& body, bool empties) {
  world_.act(fmt::format("{} receives {}", agent.name, body));
  ask(
      agent, "/v1/inbox/receive", body,
      [this](const Response& response, Time) {
        world_.verdict.expect(one_of(response.status, {200, 503}), "M2",
                              fmt::format("a receive is answered {}", response.status));
      },
      [this, agent, empties](const std::optional<Response>& response) {
        if (response && response->status == 200) take(agent, *response, empties);
      });
}

void Agents::take(const PartyName& agent, const Response& response, bool empties) {
  if (response.body.empty()) return;
  const auto answer = json::parse(response.body);
  std::vector<std::string> receipts;
  for (const json::value& each : answer.get_object().at("messages").get_array()) {
    const Held held = take_one(agent, json::serialize(each));
    receipts.push_back(held.receipt);
    if (!empties) work_on(agent, held);
  }
  if (empties && !receipts.empty()) use(agent, "ack", receipts);
}

Agents::Held Agents::take_one(const PartyName& agent, const std::string& leased) {
  const auto value = json::parse(leased);
  const auto& object = value.get_object();
  Held held{text_of(object, "receipt"), text_of(object.at("message").get_object(), "causationid")};
  held_[agent.name].push_back(held);
  return held;
}

void Agents::take_piece(const PartyName& agent, const std::string& piece) {
  constexpr std::string_view data = "data: ";
  if (piece.find("event: message") == std::string::npos) return;
  const std::size_t begin = piece.find(data) + data.size();
  world_.trace.saw("a message comes in a stream");
  work_on(agent, take_one(agent, piece.substr(begin, piece.find('\n', begin) - begin)));
}

void Agents::listen() {
  const PartyName agent = world_.dice.any(agent_names);
  world_.act(fmt::format("{} listens", agent.name));
  Asked asked;
  asked.listener = Listener::api;
  asked.target = "/v1/inbox/receive";
  asked.body = fmt::format(R"({{"max":{},"visibility":"20s"}})", world_.dice.between(1, 4));
  asked.headers = {{"Authorization", fmt::format("Bearer {}", agent.token)},
                   {"Accept", "text/event-stream"}};
  asked.on_piece = [this, agent](std::string piece) {
    if (world_.dice.percent(world_.network.loss)) return false;
    world_.schedule.after(world_.dice.milliseconds(0, world_.network.slowest.count()),
                          [this, agent, piece = std::move(piece)] { take_piece(agent, piece); });
    return true;
  };
  world_.network.ask(
      std::move(asked), world_.dice.milliseconds(2'000, 60'000),
      [this](const Response& response, Time) {
        world_.verdict.expect(one_of(response.status, {200, 503}), "M2",
                              fmt::format("a stream is answered {}", response.status));
      },
      [](const std::optional<Response>&) {});
}

void Agents::work_on(const PartyName& agent, const Held& held) {
  const auto later = [&](std::int64_t least, std::int64_t most, std::string_view verb) {
    world_.schedule.after(
        world_.dice.milliseconds(least, most),
        [this, agent, verb, receipt = held.receipt] { use(agent, verb, {receipt}); });
  };
  switch (world_.dice.upto(8)) {
    case 0:  // dies
      break;
    case 1:  // comes when others may have it
      later(30'000, 200'000, "ack");
      break;
    case 2:
      later(0, 5'000, "nack");
      break;
    case 3:
      later(0, 20'000, "extend");
      later(20'000, 60'000, "ack");
      break;
    case 4:  // says everything twice
      later(0, 3'000, "ack");
      later(0, 3'000, "ack");
      break;
    default:
      later(0, 10'000, "ack");
  }
}

void Agents::use(const PartyName& agent, std::string_view verb, std::vector<std::string> receipts) {
  std::string list;
  for (const std::string& receipt : receipts)
    list += fmt::format("{}\"{}\"", list.empty() ? "" : ",", receipt);
  std::string body = fmt::format(R"({{"receipts":[{}]}})", list);
  if (verb == "extend") body = fmt::format(R"({{"receipts":[{}],"visibility":"40s"}})", list);
  world_.act(fmt::format("{} {}s {}", agent.name, verb, list));
  ask(
      agent, fmt::format("/v1/inbox/{}", verb), std::move(body),
      [this, mailbox = std::string{agent.name}, verb, count = receipts.size()](
          const Response& response, Time) { check_used(mailbox, verb, count, response); },
      [](const std::optional<Response>&) {});
}

void Agents::check_used(const std::string& mailbox, std::string_view verb, std::size_t count,
                        const Response& response) {
  world_.verdict.expect(one_of(response.status, {200, 409, 503}), "M2",
                        fmt::format("a receipt is answered {}", response.status));
  if (response.status == 503) return;
  const auto answer = json::parse(response.body);
  std::size_t named = 0;
  for (const std::string_view list_name : {"done", "expired"}) {
    const auto* listed = answer.get_object().if_contains(list_name);
    if (listed != nullptr) named += listed->get_array().size();
  }
  world_.verdict.expect(named == count, "M2", "an answer does not say what became of receipts");
  if (verb != "ack") return;
  for (const json::value& each : answer.get_object().at("done").get_array()) {
    const std::string receipt{std::string_view{each.get_string()}};
    world_.verdict.expect(
        !world_.server.mailboxes.holds(mailbox, receipt.substr(0, receipt.rfind('.'))), "M2",
        receipt + " is called acknowledged, and its message is there");
  }
}

void Agents::use_old_receipts() {
  const PartyName& agent = world_.dice.any(agent_names);
  auto& held = held_[agent.name];
  if (held.empty()) return receive_some();
  std::vector<std::string> receipts;
  for (std::uint64_t i = world_.dice.upto(3) + 1; i > 0; --i) {
    receipts.push_back(world_.dice.any(held).receipt);
  }
  constexpr std::array<std::string_view, 4> verbs{"ack", "ack", "nack", "extend"};
  use(agent, verbs[world_.dice.upto(verbs.size())], std::move(receipts));
}

// One's own cause, or somebody else's.
void Agents::read_an_event() {
  const PartyName& agent = world_.dice.any(agent_names);
  auto& from = held_[world_.dice.percent(80) ? agent.name : world_.dice.any(agent_names).name];
  if (from.empty()) return;
  const std::string event = world_.dice.any(from).cause;
  if (!event.starts_with("e_")) return;
  ask(
      agent, "/v1/events/" + event, {},
      [this, agent, event](const Response& response, Time) {
        world_.server.events.event_answered(event, std::string{agent.name}, response);
      },
      [](const std::optional<Response>&) {});
}

void Agents::look() {
  const PartyName& agent = world_.dice.any(agent_names);
  ask(
      agent, "/v1/inbox?max=5", {},
      [this](const Response& response, Time) {
        world_.verdict.expect(one_of(response.status, {200, 503}), "M2",
                              fmt::format("a look into a mailbox is answered {}", response.status));
      },
      [](const std::optional<Response>&) {});
}

void Agents::empty_mailboxes() {
  for (const PartyName& agent : agent_names) {
    receive(agent, R"({"max":20,"visibility":"20s"})", true);
  }
}

}  // namespace signalbox::sim
