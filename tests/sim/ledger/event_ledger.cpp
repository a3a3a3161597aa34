#include "tests/sim/ledger/event_ledger.hpp"

#include <fmt/format.h>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>

#include "connectors/request/freshness.hpp"
#include "tests/sim/actors/answers.hpp"
#include "tests/sim/scenario.hpp"

namespace signalbox::sim {
namespace {

namespace json = boost::json;

constexpr Milliseconds answer_deadline_most = std::chrono::minutes{1};

bool is_send(const Commit& commit) { return commit.record.event.starts_with("s_"); }

}  // namespace

HookAnswer read_hook_answer(const Response& response) {
  HookAnswer answer;
  answer.status = response.status;
  json::error_code failed;
  const auto body = json::parse(response.body, failed);
  if (failed || !body.is_object()) return answer;
  answer.outcome = response.status == 200 ? text_of(body.get_object(), "status") : "";
  answer.event = text_of(body.get_object(), "event");
  answer.first_outcome = text_of(body.get_object(), "outcome");
  answer.reason = text_of(body.get_object(), "reason");
  const auto* messages = body.get_object().if_contains("messages");
  if (messages != nullptr && messages->is_int64()) answer.messages = messages->get_int64();
  return answer;
}

void EventLedger::sent(const KnownDelivery& delivery) {
  deliveries_.emplace(std::pair{delivery.source, delivery.id}, delivery);
}

const KnownDelivery* EventLedger::delivery_of(const Commit& commit) const {
  const auto record = json::parse(commit.record.json);
  const auto& object = record.get_object();
  const auto found = deliveries_.find({text_of(object, "source"), text_of(object, "delivery")});
  return found == deliveries_.end() ? nullptr : &found->second;
}

// Another event that was accepted with the same body, the last one.
const EventLedger::Applied* EventLedger::twin_of(const KnownDelivery& delivery,
                                                 const std::string& event) const {
  const Applied* last = nullptr;
  const auto [begin, end] = contents_.equal_range(delivery.content);
  for (auto each = begin; each != end; ++each) {
    const Applied& other = applied_.at(each->second);
    if (each->second == event || other.commit.record.outcome != Outcome::accepted) continue;
    if (last == nullptr || other.at > last->at) last = &other;
  }
  return last;
}

void EventLedger::committed(const std::string& space, const Commit& commit,
                            const CommitResult& result) {
  latest_ = std::max(latest_, clock_.now());
  const auto own = applied_.find(commit.record.event);
  if (result.status == CommitStatus::mailbox_full) verdict_.saw("a mailbox is full");
  if (result.status == CommitStatus::mailbox_full) return check_full(commit, result);
  if (result.status == CommitStatus::sender_full) {
    verdict_.saw("a sender has all that it may in a mailbox");
    return verdict_.expect(
        mailboxes_.size_with(result.full_mailbox, commit.appends) > commit.quota.messages_max, "M1",
        result.full_mailbox + " is called full of a sender's, and is not");
  }
  if (result.status == CommitStatus::partly_dropped) return;  // it is planned anew, and comes again
  if (result.status == CommitStatus::event_mismatch)
    return verdict_.broken("E6", commit.record.event + " is said to have changed its name");
  if (commit.record.event.starts_with("r_")) return replayed(commit, result);
  const KnownDelivery* delivery = is_send(commit) ? nullptr : delivery_of(commit);
  if (!is_send(commit) && delivery == nullptr) {
    return verdict_.broken("E3", "an event was stored that no provider sent");
  }
  verdict_.expect(delivery == nullptr || source_named(delivery->source).space == space,
                  "namespaces", commit.record.event + " is stored in another namespace");
  const bool ours =
      own != applied_.end() && own->second.commit.record.attempt == commit.record.attempt;
  if (result.status == CommitStatus::duplicate) {
    verdict_.expect(!ours || clock_.now() - own->second.at >= commit.record.keep, "E2",
                    commit.record.event + " is called a duplicate of itself");
    if (delivery != nullptr) check_duplicate(commit, result, *delivery);
    return;
  }
  check_identity(commit);
  if (ours) {
    verdict_.saw("a lost reply is recognised");
    return check_repeat(own->second, commit);
  }
  if (delivery != nullptr) check_fresh(commit, *delivery);
  if (delivery == nullptr && own != applied_.end()) {
    verdict_.expect(clock_.now() - own->second.commit.record.received >= std::chrono::hours{24},
                    "M1", "one idempotency key has sent twice");
  }
  apply(space, commit, delivery);
}

void EventLedger::apply(const std::string& space, const Commit& commit,
                        const KnownDelivery* delivery) {
  for (const Append& append : commit.appends) {
    check_message(commit, append, delivery);
    note_standing(append);
    mailboxes_.appended(append);
    verdict_.expect(mailboxes_.size_with(append.mailbox, {}) <= commit.mailbox_max, "M1",
                    append.mailbox + " has more messages than it may");
    citations_[{append.mailbox, commit.record.event}] = clock_.now();
  }
  if (delivery != nullptr && !applied_.contains(commit.record.event)) {
    contents_.emplace(delivery->content, commit.record.event);
  }
  Applied& applied = applied_[commit.record.event];
  verdict_.saw(applied.outcomes.empty() ? "an event is new" : "an event is decided anew");
  verdict_.saw(to_string(commit.record.outcome));
  applied.space = space;
  applied.commit = commit;
  applied.at = clock_.now();
  applied.latest = latest_;
  applied.outcomes.insert(commit.record.outcome);
  applied.delivery = delivery;
  if (delivery == nullptr) return;
  const auto record = json::parse(commit.record.json);
  const std::size_t told = record.get_object().at("messages").get_array().size();
  // One that follows tells of what was sent before, too.
  const bool all =
      commit.follows.empty() ? told == commit.appends.size() : told >= commit.appends.size();
  verdict_.expect(all, "E2", commit.record.event + " is stored without some of its messages");
}

// What was just carried out adds something: had it come before, within its window?
void EventLedger::check_fresh(const Commit& commit, const KnownDelivery& delivery) {
  const auto own = applied_.find(commit.record.event);
  const bool came = own != applied_.end() && own->second.outcomes.contains(Outcome::accepted);
  if (came && own->second.commit.record.outcome == Outcome::accepted) {
    const Milliseconds keep = own->second.commit.record.keep;
    verdict_.expect(clock_.now() - own->second.at >= std::max(keep, id_window), "E2",
                    delivery.id + " is decided again while its first decision is kept");
  }
  const Applied* twin = delivery.unique ? twin_of(delivery, commit.record.event) : nullptr;
  // A signed body is young enough to be remembered, or too old to be taken.
  verdict_.expect(!clocks_agree || !delivery.signed_at || (!came && twin == nullptr), "E7",
                  delivery.id + " is a replay of a signed body, and was accepted");
  if (twin == nullptr) return;
  verdict_.expect(clock_.now() - twin->at >= digest_window, "E4",
                  fmt::format("{} and {} are one body, and both were accepted", delivery.id,
                              twin->delivery->id));
}

void EventLedger::check_duplicate(const Commit& commit, const CommitResult& result,
                                  const KnownDelivery& delivery) {
  const auto first = applied_.find(result.first_event);
  if (first == applied_.end()) {
    return verdict_.broken("E4", delivery.id + " is called a duplicate of what never came");
  }
  const Outcome outcome = first->second.commit.record.outcome;
  const bool sent_by_another =
      outcome == Outcome::partly_dropped && result.first_event != commit.record.event;
  verdict_.expect(outcome == Outcome::accepted || sent_by_another, "E8",
                  delivery.id + " is refused as a duplicate of what came to nothing");
  const bool same_id = result.first_event == commit.record.event;
  const bool same_body = first->second.delivery != nullptr && delivery.unique &&
                         first->second.delivery->content == delivery.content;
  verdict_.saw(same_id ? "a duplicate by its id" : "a duplicate by its body");
  verdict_.expect(same_id || same_body, "E4",
                  delivery.id + " is called a duplicate of another delivery with another body");
  const Milliseconds by_body =
      2 * (std::max(id_window, digest_window) + clock_skew_max + answer_deadline_most);
  const Milliseconds longest =
      same_id ? std::max(by_body, first->second.commit.record.keep) : by_body;
  verdict_.expect(clock_.now() - first->second.latest <= longest, "E4",
                  delivery.id + " is called a duplicate long after its window");
}

void EventLedger::check_repeat(const Applied& before, const Commit& again) {
  const auto ids = [](const Commit& commit) {
    std::string text;
    for (const Append& append : commit.appends) text += append.mailbox + " " + append.json + "\n";
    return text;
  };
  // The spool keeps the plan from before it followed what was sent already, and brings that again
  // when the reply was lost: the store knows the attempt, and takes nothing from it.
  if (again.follows != before.commit.follows) return verdict_.saw("a lost reply to what followed");
  verdict_.expect(
      before.commit.record.json == again.record.json && ids(before.commit) == ids(again), "E2",
      "a call that was made again had decided anew");
}

void EventLedger::check_full(const Commit& commit, const CommitResult& result) {
  verdict_.expect(mailboxes_.size_with(result.full_mailbox, commit.appends) > commit.mailbox_max,
                  "M1", result.full_mailbox + " is called full, and has room");
}

void EventLedger::check_message(const Commit& commit, const Append& append,
                                const KnownDelivery* delivery) {
  const auto message = json::parse(append.json);
  const auto& object = message.get_object();
  verdict_.expect(text_of(object, "id") == append.id, "M6", "a message is filed under another id");
  verdict_.expect(text_of(object, "recipient") == append.mailbox, "M1",
                  append.id + " is in a mailbox that it is not addressed to");
  verdict_.expect(text_of(object, "workid") == append.group, "M2",
                  append.id + " is not in the group of its work");
  if (delivery == nullptr) return check_sent(append);
  check_cause(append, commit.record.event, delivery->marker);
}

// Of a message that a rule sends because of an event.
void EventLedger::check_cause(const Append& append, const std::string& event,
                              const std::string& marker) {
  const auto message = json::parse(append.json);
  const auto& object = message.get_object();
  verdict_.expect(text_of(object, "sender").starts_with("rule:"), "M3",
                  append.id + " is sent by no rule");
  verdict_.expect(text_of(object, "causationid") == event, "M3",
                  append.id + " does not name its cause");
  const auto* hop = object.if_contains("hop");
  verdict_.expect(hop != nullptr && hop->is_int64() && hop->get_int64() == 1, "M3",
                  append.id + " is not one hop away from the outside");
  verdict_.expect(append.json.find(marker) == std::string::npos, "M5",
                  append.id + " carries a part of the body that no rule selected");
}

// Each message is known by its cause, its sender, its recipient, and its place among those.
void EventLedger::check_identity(const Commit& commit) {
  std::map<std::string, int> places;
  for (const Append& append : commit.appends) {
    const auto message = json::parse(append.json);
    const std::string sender = text_of(message.get_object(), "sender");
    std::string meaning = fmt::format("{} {} {}", commit.record.event, sender, append.mailbox);
    meaning += fmt::format(" {}", places[meaning]++);
    const auto id = identities_.emplace(meaning, append.id).first;
    verdict_.expect(id->second == append.id, "M6",
                    fmt::format("{} and {} are one message", id->second, append.id));
    const auto back = meanings_.emplace(append.id, meaning).first;
    verdict_.expect(back->second == meaning, "M6",
                    fmt::format("{} stands for '{}' and '{}'", append.id, back->second, meaning));
  }
}

// A sender was told that the event is durable.
void EventLedger::promise(const std::string& event, std::string_view by) {
  const auto found = applied_.find(event);
  if (found == applied_.end()) {
    return verdict_.broken(by, event + " was acknowledged, and is not stored");
  }
  found->second.promised = true;
  const Commit& commit = found->second.commit;
  if (clock_.now() - found->second.at < commit.record.keep) {
    verdict_.expect(look_(found->second.space, event).has_value(), by,
                    event + " was acknowledged, and is gone");
  }
  for (const Append& append : commit.appends) {
    verdict_.expect(mailboxes_.ever_held(append.mailbox, append.id), by,
                    event + " was acknowledged without all of its messages");
  }
}

void EventLedger::answered(const KnownDelivery& delivery, Time received, const HookAnswer& answer) {
  bool fresh = true;
  if (delivery.signed_at) {
    const Milliseconds age = received - *delivery.signed_at;
    fresh = age <= std::max(id_window, digest_window) && -age <= clock_skew_max;
  }
  if (!fresh) {
    verdict_.saw("a signed time is too old, or ahead");
    // A time to come is asked for again where its provider would not send it again by itself.
    return verdict_.expect(answer.status == 401 || answer.status == 503, "E7",
                           delivery.id + " was signed at another time, and is taken");
  }
  verdict_.expect(answer.status != 401, "E7", delivery.id + " is genuine, and is refused");
  const bool known = answer.outcome == "accepted" || answer.outcome == "no_match" ||
                     answer.outcome == "dropped" || answer.outcome == "duplicate" ||
                     answer.outcome == "deferred" || answer.outcome == "partly_dropped";
  verdict_.expect(
      (answer.status == 200 && known) || answer.status == 503, "E6",
      fmt::format("{} of {} is answered {}", delivery.id, delivery.type, answer.status));
  if (answer.outcome == "deferred") return;  // the spool's ledger knows
  if (answer.status != 200) return verdict_.expect(!answer.reason.empty(), "E5", "no reason given");
  promise(answer.event, "E1");
  const auto found = applied_.find(answer.event);
  if (found == applied_.end()) return;
  if (answer.outcome == "duplicate") return check_first(delivery, answer, found->second);
  const auto& outcomes = found->second.outcomes;  // somebody may have sent it again meanwhile
  const bool stored = std::any_of(outcomes.begin(), outcomes.end(),
                                  [&](Outcome each) { return to_string(each) == answer.outcome; });
  verdict_.expect(
      stored, "E1",
      fmt::format("{} was answered {}, and is not stored so", delivery.id, answer.outcome));
  if (answer.outcome == "accepted" && outcomes.size() == 1) {
    verdict_.expect(
        static_cast<std::size_t>(answer.messages) == found->second.commit.appends.size(), "E1",
        delivery.id + " was acknowledged with more messages than are stored");
  }
  if (answer.outcome == "dropped") {
    verdict_.expect(!answer.reason.empty(), "E5", delivery.id + " was dropped without a reason");
  }
}

// A duplicate's answer names the first event and its outcome.
void EventLedger::check_first(const KnownDelivery& delivery, const HookAnswer& answer,
                              const Applied& first) {
  const bool same = first.delivery != nullptr && (first.delivery->id == delivery.id ||
                                                  first.delivery->content == delivery.content);
  verdict_.expect(same, "E8",
                  fmt::format("{} is called a duplicate of {}", delivery.id, answer.event));
  verdict_.expect(
      answer.first_outcome == "accepted" || answer.first_outcome == "partly_dropped", "E8",
      fmt::format("{} is a duplicate of what was '{}'", delivery.id, answer.first_outcome));
}

void EventLedger::forged_answered(const HookAnswer& answer) {
  verdict_.saw("a forgery is refused");
  verdict_.expect(answer.status == 401, "E3",
                  fmt::format("a forged delivery is answered {}", answer.status));
  verdict_.expect(answer.reason == "unauthorized", "E3", "a forger is told what was wrong");
}

void EventLedger::event_answered(const std::string& event, const std::string& mailbox,
                                 const Response& response) {
  if (response.status == 503) return;
  const auto found = applied_.find(event);
  const auto cited = citations_.find({mailbox, event});
  if (cited == citations_.end() || found == applied_.end()) {
    verdict_.saw("an event is read by somebody else");
    return verdict_.expect(response.status == 404, "M5", "an agent reads what does not concern it");
  }
  const Milliseconds keep = found->second.commit.record.keep;
  if (clock_.now() - cited->second >= keep || clock_.now() - found->second.at >= keep) return;
  verdict_.saw("an event is read by who holds its message");
  verdict_.expect(response.status == 200, "M5", event + " is cited, and cannot be read");
  verdict_.expect(response.body.find(found->second.delivery->marker) != std::string::npos, "M5",
                  event + " is cited, and its body is not there");
}

void EventLedger::audit() {
  for (const auto& [event, applied] : applied_) {
    if (!applied.promised || clock_.now() - applied.at >= applied.commit.record.keep) continue;
    verdict_.expect(look_(applied.space, event).has_value(), event.starts_with("s_") ? "M1" : "E1",
                    event + " was acknowledged, and is lost");
  }
}

}  // namespace signalbox::sim
