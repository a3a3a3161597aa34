// EventLedger: what agents and operators send (M1), and what a repetition of it is answered (M6).
#include <fmt/format.h>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>

#include "tests/sim/actors/answers.hpp"
#include "tests/sim/ledger/event_ledger.hpp"
#include "tests/sim/scenario.hpp"

namespace signalbox::sim {
namespace {

namespace json = boost::json;

// How many the topic "all" is for, when this one sends to it.
std::size_t topic_size(std::string_view sender) {
  const std::string_view space = space_of_mailbox(sender);
  return static_cast<std::size_t>(std::count_if(
      agent_names.begin(), agent_names.end(),
      [&](const PartyName& agent) { return agent.space == space && agent.name != "coder"; }));
}

std::int64_t hop_of(const json::object& message) {
  const auto* hop = message.if_contains("hop");
  return hop != nullptr && hop->is_int64() ? hop->get_int64() : -1;
}

Trust trust_of(const json::object& message) {
  return parse_trust(text_of(message, "authortrust")).value_or(Trust::owner);
}

// The message that a send names as its cause; empty where it names none.
std::string cause_of(const std::string& request) {
  const std::string receipt = text_of(json::parse(request).get_object(), "cause");
  return receipt.substr(0, receipt.find('.'));
}

}  // namespace

// Of a message that no rule sends.
void EventLedger::check_sent(const Append& append) {
  const auto message = json::parse(append.json);
  const auto& object = message.get_object();
  const std::string sender = text_of(object, "sender");
  verdict_.expect(sender.starts_with("agent:") || sender.starts_with("operator:"), "M3",
                  append.id + " has no sender");
  const std::string cause = text_of(object, "causationid");
  if (cause.empty()) {
    return verdict_.expect(hop_of(object) == 0, "M3", append.id + " follows from nothing, far out");
  }
  verdict_.saw("an agent writes because of a message");
  const auto known = standings_.find(cause);
  verdict_.expect(known != standings_.end(), "M3", append.id + " follows from what never was");
  if (known == standings_.end()) return;
  verdict_.expect(hop_of(object) == known->second.hop + 1, "M3",
                  append.id + " is not one hop further than its cause");
  verdict_.expect(trust_of(object) <= known->second.trust, "M3",
                  append.id + " is trusted further than its cause");
}

void EventLedger::note_standing(const Append& append) {
  const auto message = json::parse(append.json);
  const auto& object = message.get_object();
  standings_[append.id] = {hop_of(object), trust_of(object)};
}

void EventLedger::sending(const std::string& sender, const std::string& key,
                          const std::string& request) {
  keys_[{sender, key}].tried.insert(request);
}

void EventLedger::send_answered(const std::string& sender, const std::string& key,
                                const std::string& request, const Response& response) {
  if (response.status == 503) return;
  if (const std::string cause = cause_of(request); response.status == 404 && !cause.empty()) {
    verdict_.saw("a cause is gone");
    // A dead letter may have come back in between.
    return verdict_.expect(
        !mailboxes_.holds(sender, cause) || mailboxes_.ever_held("dead:" + sender, cause), "M3",
        cause + " is there, and nothing can follow from it");
  }
  KeyUse* use = nullptr;
  if (!key.empty()) {
    use = &keys_[{sender, key}];
    if (response.status == 422 && use->request.empty() && use->tried.size() > 1) return;
    if (!use->request.empty() && use->request != request) {
      verdict_.saw("another request under a used key");
      return verdict_.expect(response.status == 422, "M1",
                             "another request under the same key is not refused");
    }
  }
  verdict_.expect(response.status == 201 || response.status == 200, "M1",
                  fmt::format("a send is answered {}", response.status));
  if (response.status != 201 && response.status != 200) return;
  const auto body = json::parse(response.body);
  const auto& messages = body.get_object().at("messages").get_array();
  const bool to_topic = request.find("\"topic:all\"") != std::string::npos;
  verdict_.expect(messages.size() == (to_topic ? topic_size(sender) : 1), "M1",
                  "a send was accepted, and did not reach all that it is for");
  for (const json::value& each : messages) {
    const std::string id = text_of(each.get_object(), "id");
    const std::string mailbox = text_of(each.get_object(), "mailbox");
    verdict_.expect(mailboxes_.ever_held(mailbox, id), "M1",
                    id + " was accepted, and is not in " + mailbox);
  }
  if (use == nullptr) return;
  const std::string answer = json::serialize(messages);
  if (!use->answer.empty()) verdict_.saw("a send is repeated");
  verdict_.expect(use->answer.empty() || use->answer == answer, "M6",
                  "a send that is repeated is answered with other ids");
  use->request = request;
  use->answer = answer;
}

}  // namespace signalbox::sim
