// EventLedger: an operator's replays (M6). Each is once, and its messages are others than those
// that came before.
#include <fmt/format.h>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "tests/sim/actors/answers.hpp"
#include "tests/sim/ledger/event_ledger.hpp"
#include "tests/sim/scenario.hpp"

namespace signalbox::sim {
namespace {

namespace json = boost::json;

constexpr Milliseconds replay_keep = 2 * keep_events;
constexpr Milliseconds minute{60'000};

}  // namespace

std::vector<EventLedger::KnownEvent> EventLedger::known_events() const {
  std::vector<KnownEvent> known;
  for (const auto& [event, applied] : applied_) {
    if (applied.delivery == nullptr) continue;
    known.push_back({event, applied.space, applied.commit.appends.empty()});
  }
  return known;
}

void EventLedger::replayed(const Commit& commit, const CommitResult& result) {
  const auto before = replays_.find(commit.record.event);
  const bool kept = before != replays_.end() &&
                    clock_.now() - before->second.at < before->second.commit.record.keep;
  if (result.status == CommitStatus::duplicate) {
    verdict_.saw("two replays want one number");
    return verdict_.expect(before != replays_.end(), "M6",
                           commit.record.event + " is called a repetition of no replay");
  }
  check_identity(commit);
  if (kept && before->second.commit.record.attempt == commit.record.attempt) {
    const bool same = before->second.commit.record.json == commit.record.json;
    return verdict_.expect(same, "E2", "a replay that was made again had decided anew");
  }
  verdict_.expect(!kept, "M6", commit.record.event + " has replayed an event twice");
  const auto record = json::parse(commit.record.json);
  apply_replay(commit, text_of(record.get_object(), "event"));
}

void EventLedger::apply_replay(const Commit& commit, const std::string& event) {
  const auto original = applied_.find(event);
  if (original == applied_.end() || original->second.delivery == nullptr) {
    return verdict_.broken("M6", event + " was replayed, and never came");
  }
  verdict_.saw("an event is replayed");
  verdict_.saw(original->second.commit.appends.empty() ? "an event without messages is replayed"
                                                       : "an event with messages is replayed");
  const bool number_again = replays_.contains(commit.record.event);  // the first is forgotten
  verdict_.expect(commit.record.keep >= replay_keep, "M6", "a replay is forgotten too early");
  for (const Append& append : commit.appends) {
    verdict_.expect(number_again || !mailboxes_.ever_held(append.mailbox, append.id), "M6",
                    append.id + " is replayed under the id of an older message");
    check_cause(append, event, original->second.delivery->marker);
    note_standing(append);
    mailboxes_.appended(append);
    citations_[{append.mailbox, event}] = clock_.now();
  }
  replays_[commit.record.event] = Replay{commit, clock_.now()};
}

void EventLedger::replay_answered(const std::string& event, const std::string& key,
                                  const std::string& request, const Response& response) {
  if (response.status == 503 || response.status == 404) return;
  ReplayKey& first = replay_keys_[{event, key}];
  // At the edge of what is kept, either is right.
  const Milliseconds age = clock_.now() - first.at;
  if (!first.ids.empty() && age > replay_keep - minute && age < replay_keep + minute) return;
  if (age >= replay_keep) first = ReplayKey{};
  const bool known = !key.empty() && !first.ids.empty();
  if (response.status == 422) {
    return verdict_.expect(!key.empty() && first.request != request, "M6",
                           "a replay is refused as a repetition of itself");
  }
  verdict_.expect(response.status == 200 || response.status == 201, "M6",
                  fmt::format("a replay is answered {}", response.status));
  if (response.status != 200 && response.status != 201) return;
  const auto body = json::parse(response.body);
  const auto& answer = body.get_object();
  if (!answer.contains("generation")) return;  // nothing matched, or a dry run
  std::string ids;
  for (const json::value& each : answer.at("messages").get_array()) {
    const std::string id = text_of(each.get_object(), "id");
    verdict_.expect(mailboxes_.ever_held(text_of(each.get_object(), "mailbox"), id), "M1",
                    id + " was replayed, and is nowhere");
    ids += id + " ";
  }
  if (known) verdict_.saw("a replay is repeated");
  verdict_.expect(!known || first.request == request, "M6",
                  "another replay under a used key is not refused");
  verdict_.expect(!known || first.ids == ids, "M6", "a replay that is repeated sends other ids");
  first.request = request;
  if (!known) first.at = clock_.now();
  first.ids = ids;
}

}  // namespace signalbox::sim
