#include "tests/sim/actors/operators.hpp"

#include <fmt/format.h>
#include <boost/json/parse.hpp>

#include <set>

#include "store/store.hpp"
#include "tests/sim/actors/answers.hpp"
#include "tests/sim/actors/api_client.hpp"

namespace signalbox::sim {
namespace {

namespace json = boost::json;

std::string list_of(const std::vector<std::string>& texts) {
  return texts.empty() ? "[]" : fmt::format("[\"{}\"]", fmt::join(texts, "\",\""));
}

}  // namespace

void Operators::redrive(const PartyName& agent, const std::vector<std::string>& ids,
                        std::int64_t max) {
  std::string body = fmt::format("{{\"max\":{}}}", max);
  if (!ids.empty()) body = fmt::format("{{\"messages\":{},\"max\":{}}}", list_of(ids), max);
  world_.act(fmt::format("{}'s dead letters go back: {}", agent.name, body));
  call_api(
      world_, {operator_name, fmt::format("/v1/inbox/redrive?agent={}", agent.name), body, {}},
      [this, ids](const Response& response, Time) {
        world_.verdict.expect(one_of(response.status, {200, 503}), "M2",
                              fmt::format("a redrive is answered {}", response.status));
        if (response.status != 200) return;
        const auto answer = json::parse(response.body);
        std::multiset<std::string> named;
        for (const std::string_view list : {"moved", "missing"}) {
          for (const std::string& id : texts_of(answer.get_object(), list)) named.insert(id);
        }
        const std::multiset<std::string> wanted{ids.begin(), ids.end()};
        world_.verdict.expect(ids.empty() || named == wanted, "M2",
                              "a redrive does not say what became of messages");
      },
      [](const std::optional<Response>&) {});
}

// One who has dead letters, if there is one.
const PartyName& Operators::some_agent() {
  std::vector<const PartyName*> some;
  for (const PartyName& agent : agent_names) {
    const auto dead = world_.server.mailboxes.ids_of(fmt::format("dead:{}", agent.name));
    if (!dead.empty()) some.push_back(&agent);
  }
  return some.empty() ? world_.dice.any(agent_names) : *world_.dice.any(some);
}

void Operators::redrive_some() {
  const PartyName& agent = some_agent();
  std::vector<std::string> ids;
  if (world_.dice.percent(50)) {
    for (const std::string& id : world_.server.mailboxes.ids_of(fmt::format("dead:{}", agent.name)))
      if (world_.dice.percent(60)) ids.push_back(id);
    // One that is not dead, or nowhere.
    const auto open = world_.server.mailboxes.ids_of(std::string{agent.name});
    if (!open.empty() && world_.dice.percent(30)) ids.push_back(world_.dice.any(open));
  }
  redrive(agent, ids, world_.dice.between(1, 6));
}

void Operators::redrive_all() {
  for (const PartyName& agent : agent_names) redrive(agent, {}, redrive_max);
}

void Operators::read_dead_letters() {
  const PartyName agent = some_agent();
  world_.act(fmt::format("the dead letters of {} are read", agent.name));
  call_api(
      world_,
      {operator_name,
       fmt::format("/v1/inbox/receive?agent=dead:{}", agent.name),
       R"({"max":2,"visibility":"60s"})",
       {}},
      [this](const Response& response, Time) {
        world_.verdict.expect(one_of(response.status, {200, 503}), "M2",
                              fmt::format("dead letters are answered {}", response.status));
      },
      [this, agent](const std::optional<Response>& response) {
        if (response && response->status == 200) acknowledge_dead(agent, *response);
      });
}

void Operators::acknowledge_dead(const PartyName& agent, const Response& response) {
  std::vector<std::string> receipts;
  const auto answer = json::parse(response.body);
  for (const json::value& each : answer.get_object().at("messages").get_array()) {
    world_.trace.saw("a dead letter is read");
    if (world_.dice.percent(40)) continue;
    receipts.emplace_back(std::string_view{each.get_object().at("receipt").get_string()});
  }
  if (receipts.empty()) return;
  call_api(
      world_,
      {operator_name,
       fmt::format("/v1/inbox/ack?agent=dead:{}", agent.name),
       fmt::format("{{\"receipts\":{}}}", list_of(receipts)),
       {}},
      [this](const Response& answered, Time) {
        world_.verdict.expect(
            one_of(answered.status, {200, 409, 503}), "M2",
            fmt::format("a dead letter's receipt is answered {}", answered.status));
      },
      [](const std::optional<Response>&) {});
}

void Operators::replay_an_event() {
  if (!replays_.empty() && world_.dice.percent(30)) return replay(world_.dice.any(replays_));
  auto known = world_.server.events.known_events();
  if (world_.dice.percent(30))
    std::erase_if(known, [](const auto& event) { return !event.silent; });
  if (known.empty()) return;
  ReplayTry wanted{world_.dice.any(known), "{}", {}};
  if (world_.dice.percent(20)) wanted.body = R"({"rules":["review"]})";
  if (world_.dice.percent(10)) wanted.body = R"({"dry_run":true})";
  if (world_.dice.percent(60)) wanted.key = fmt::format("replay-{}", world_.dice.upto(4));
  replays_.push_back(wanted);
  replay(wanted);
}

void Operators::replay(const ReplayTry& wanted) {
  world_.act(fmt::format("replay {} {} under '{}'", wanted.event.id, wanted.body, wanted.key));
  call_api(
      world_,
      {operator_name,
       fmt::format("/v1/events/{}/replay?namespace={}", wanted.event.id, wanted.event.space),
       wanted.body, wanted.key},
      [this, wanted](const Response& response, Time) {
        world_.server.events.replay_answered(wanted.event.id, wanted.key, wanted.body, response);
      },
      [this, wanted](const std::optional<Response>& response) {
        const bool unsure = !response || response->status == 503;
        if (!unsure || wanted.key.empty() || world_.dice.percent(50)) return;
        world_.schedule.after(world_.dice.milliseconds(100, 30'000),
                              [this, wanted] { replay(wanted); });
      });
}

}  // namespace signalbox::sim
