// From a decision to its commit and back: pure, so every claim is about values.
#include "coordination/record.hpp"

#include <algorithm>
#include <catch2/catch.hpp>

#include "coordination/packed_id.hpp"

namespace signalbox {
namespace {

using namespace std::chrono_literals;

const std::string attempt(attempt_chars, 'x');

struct Sample {
  Sample() {
    event.id = event_id("github", "72d3162e");
    event.source = "github";
    event.connector = "github";
    event.type = "github.pull_request.opened";
    event.delivery = "72d3162e";
    event.subject = "github:acme/api#42";
    event.actor = Actor{"583231", "octo \"cat\"\n", ActorKind::bot};
    event.trust = Trust::member;
    event.time = *parse_time("2026-11-22T10:00:00.250Z");
    event.work = WorkRef{"github:github.com/1/2", "github:acme/api#42", {"github:acme/old#42"}};
    event.references = {
        {"linear:ENG-1", Relation::implements, ReferencePlace::branch, Trust::member},
        {"github:acme/api@refs/heads/a\"b", Relation::head, ReferencePlace::head, Trust::owner}};
    event.traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    event.digest = sha256("body");
    event.body = *document.parse_copy(R"( {"action":"opened"} )");
    decision.matched = {"review-opened", "broken"};
    decision.failures = {RuleFailure{"broken", "nothing at ${body.x}"}};
    decision.messages = {OutgoingMessage{"m_1", "reviewer", "w_1", "review-opened",
                                         MessageKind::assign, "main", "{}"}};
  }
  JsonDocument document;
  Event event;
  Decision decision;
  IngestTerms terms{72h, 24h, 168h, 1000};

  Commit plan(std::string body = {}) const {
    Decision decided = decision;
    return plan_ingest(event, decided, "ruleset-digest", terms, attempt, std::move(body));
  }
};

TEST_CASE("a record has the fields of the API's events") {
  const Sample sample;
  CHECK(
      event_record(sample.event, sample.decision, "ruleset-digest") ==
      R"({"id":")" + sample.event.id +
          R"(","source":"github","connector":"github","type":"github.pull_request.opened","delivery":"72d3162e",)"
          R"("subject":"github:acme/api#42","received":"2026-11-22T10:00:00.250Z","rules":["review-opened","broken"],)"
          R"("failures":[{"rule":"broken","detail":"nothing at ${body.x}"}],"ruleset":"ruleset-digest",)"
          R"("messages":[{"id":"m_1","mailbox":"reviewer","rule":"review-opened","kind":"assign"}],)"
          R"("actor":{"id":"583231","name":"octo \"cat\"\n","kind":"bot"},"trust":"member",)"
          R"("work":{"id":")" +
          work_id("github:github.com/1/2") +
          R"(","canonical":"github:github.com/1/2","readable":"github:acme/api#42","aliases":["github:acme/old#42"]},)"
          R"("references":[{"target":"linear:ENG-1","relation":"implements","seen":"branch","trust":"member"},)"
          R"({"target":"github:acme/api@refs/heads/a\"b","relation":"head","seen":"head","trust":"owner"}],)"
          R"("traceparent":"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01","body_bytes":19})");
}

TEST_CASE("a record without subject, work, references and trace leaves them out") {
  Sample sample;
  sample.event.traceparent.clear();
  sample.event.references.clear();
  sample.event.subject.clear();
  sample.event.work.reset();
  JsonDocument document;
  const Json record = *document.parse_copy(event_record(sample.event, sample.decision, ""));
  CHECK_FALSE(record["subject"]);
  CHECK_FALSE(record["work"]);
  CHECK_FALSE(record["references"]);
  CHECK_FALSE(record["traceparent"]);
}

TEST_CASE("what rules can see of an event survives its record") {
  const Sample sample;
  JsonDocument records;
  JsonDocument bodies;
  const Json record = *records.parse_copy(event_record(sample.event, sample.decision, "digest"));
  const Json body = *bodies.parse_copy(sample.event.body.raw());
  const auto restored = restore_event(record, body);
  REQUIRE(restored.has_value());
  CHECK(restored->id == sample.event.id);
  CHECK(restored->source == sample.event.source);
  CHECK(restored->connector == sample.event.connector);
  CHECK(restored->type == sample.event.type);
  CHECK(restored->delivery == sample.event.delivery);
  CHECK(restored->subject == sample.event.subject);
  CHECK(restored->actor.id == sample.event.actor.id);
  CHECK(restored->actor.name == sample.event.actor.name);
  CHECK(restored->actor.kind == sample.event.actor.kind);
  CHECK(restored->trust == sample.event.trust);
  CHECK(restored->time == sample.event.time);
  REQUIRE(restored->work);
  CHECK(restored->work->canonical == sample.event.work->canonical);
  CHECK(restored->work->readable == sample.event.work->readable);
  CHECK(restored->work->aliases == sample.event.work->aliases);
  CHECK(restored->references == sample.event.references);
  CHECK(restored->traceparent == sample.event.traceparent);
  CHECK(restored->body["action"].string_or("") == "opened");
}

TEST_CASE("every kind of actor and degree of trust survives its record") {
  Sample sample;
  for (ActorKind kind : {ActorKind::unknown, ActorKind::human, ActorKind::bot, ActorKind::app}) {
    for (Trust trust :
         {Trust::outsider, Trust::contributor, Trust::collaborator, Trust::member, Trust::owner}) {
      sample.event.actor.kind = kind;
      sample.event.trust = trust;
      JsonDocument document;
      const auto restored = restore_event(
          *document.parse_copy(event_record(sample.event, sample.decision, "")), Json{});
      REQUIRE(restored.has_value());
      CHECK(restored->actor.kind == kind);
      CHECK(restored->trust == trust);
    }
  }
}

TEST_CASE("every relation and every place of a reference survives its record") {
  for (unsigned relation = 0; relation <= static_cast<unsigned>(Relation::head); ++relation) {
    for (unsigned seen = 0; seen <= static_cast<unsigned>(ReferencePlace::attachment); ++seen) {
      Sample sample;
      sample.event.references = {{"x", Relation{static_cast<std::uint8_t>(relation)},
                                  ReferencePlace{static_cast<std::uint8_t>(seen)},
                                  Trust::collaborator}};
      JsonDocument document;
      const auto restored = restore_event(
          *document.parse_copy(event_record(sample.event, sample.decision, "")), Json{});
      REQUIRE(restored.has_value());
      CHECK(restored->references == sample.event.references);
    }
  }
}

TEST_CASE("references of a kind that is not known here are left out, and no more than the most") {
  std::string many;
  for (std::size_t i = 0; i <= references_max; ++i) {
    many += R"({"target":"x","relation":"fixes","seen":"title","trust":"member"},)";
  }
  const std::string unknown =
      R"({"target":"x","relation":"eats","seen":"title","trust":"member"},)"
      R"({"target":"x","relation":"fixes","seen":"dream","trust":"member"},7)";
  for (const auto& [list, kept] :
       {std::pair{unknown, std::size_t{0}}, std::pair{many + "null", references_max}}) {
    JsonDocument document;
    const auto restored = restore_event(
        *document.parse_copy(R"({"received":"2026-11-22T10:00:00Z","id":")" +
                             event_id("github", "1") + R"(","references":[)" + list + "]}"),
        Json{});
    REQUIRE(restored.has_value());
    CHECK(restored->references.size() == kept);
  }
}

TEST_CASE("a text that is no record is an error") {
  for (const char* text :
       {"{}", "[]", R"({"received":"2026-11-22T10:00:00Z"})", R"({"id":"e_0","received":"now"})"}) {
    JsonDocument document;
    const auto restored = restore_event(*document.parse_copy(text), Json{});
    INFO(text);
    CHECK_FALSE(restored.has_value());
  }
}

TEST_CASE(
    "an event with messages is accepted, with a failure beside them partly dropped, with nothing "
    "but "
    "failures dropped, else nothing matched") {
  Decision decision;
  CHECK(outcome_of(decision) == Outcome::no_match);
  decision.failures.push_back(RuleFailure{"r", "why"});
  CHECK(outcome_of(decision) == Outcome::dropped);
  decision.messages.emplace_back();
  CHECK(outcome_of(decision) == Outcome::partly_dropped);
  decision.failures.clear();
  CHECK(outcome_of(decision) == Outcome::accepted);
}

TEST_CASE(
    "what was partly dropped is followed: what was sent is not sent again, and stays in the "
    "record") {
  const std::string before =
      R"({"messages":[{"id":"m_1","mailbox":"reviewer","rule":"good","kind":"note"},)"
      R"({"id":"m_9","mailbox":"gone","rule":"gone","kind":"note"}],"failures":[{"rule":"broken","detail":"x"}]})";
  CommitResult first;
  first.status = CommitStatus::partly_dropped;
  first.first_record = before;
  first.first_attempt = "0123456789abcdef";
  Commit commit;
  commit.record.json =
      R"({"messages":[{"id":"m_1","mailbox":"reviewer","rule":"good","kind":"note"},)"
      R"({"id":"m_2","mailbox":"coder","rule":"broken","kind":"assign"},)"
      R"({"id":"m_3","mailbox":"reviewer","rule":"good","kind":"note"}],"failures":[],"actor":{}})";
  for (const char* id : {"m_1", "m_2", "m_3"}) commit.appends.push_back({"", "", id, "{}"});
  CHECK(follow_partly_dropped(commit, first) == std::vector<std::size_t>{2, 0});
  REQUIRE(commit.appends.size() == 1);
  CHECK(commit.appends[0].id == "m_2");
  CHECK(commit.follows == first.first_attempt);
  CHECK(commit.record.outcome == Outcome::accepted);
  const std::string merged =
      R"({"messages":[{"id":"m_1","mailbox":"reviewer","rule":"good","kind":"note"},)"
      R"({"id":"m_9","mailbox":"gone","rule":"gone","kind":"note"},)"
      R"({"id":"m_2","mailbox":"coder","rule":"broken","kind":"assign"}],"failures":[],"actor":{}})";
  CHECK(commit.record.json == merged);

  // Somebody else was faster, and it is followed once more.
  CHECK(follow_partly_dropped(commit, first).empty());
  CHECK(commit.record.json == merged);
  commit.record.json = R"({"messages":[],"failures":[{"rule":"broken","detail":"x"}]})";
  commit.appends.clear();
  CHECK(follow_partly_dropped(commit, first).empty());
  CHECK(commit.record.outcome == Outcome::partly_dropped);
}

TEST_CASE("outcomes have distinct names") {
  CHECK(to_string(Outcome::accepted) == "accepted");
  CHECK(to_string(Outcome::no_match) == "no_match");
  CHECK(to_string(Outcome::dropped) == "dropped");
  CHECK(to_string(Outcome::partly_dropped) == "partly_dropped");
}

TEST_CASE("the commit of an event remembers its id and its body within its source") {
  const Sample sample;
  const Commit commit = sample.plan("compressed");
  REQUIRE(commit.seen.size() == 2);
  CHECK(commit.seen[0].family == "id:github");
  CHECK(commit.seen[0].window == 72h);
  CHECK(commit.seen[0].fingerprint == *pack_id(sample.event.id));
  CHECK(commit.seen[1].family == "digest:github");
  CHECK(commit.seen[1].window == 24h);
  CHECK(commit.record.event == sample.event.id);
  CHECK(commit.record.outcome == Outcome::partly_dropped);
  CHECK(commit.record.attempt == attempt);
  CHECK(commit.record.body == "compressed");
  CHECK(commit.record.keep == 168h);
  CHECK(commit.record.listed);
  CHECK(commit.mailbox_max == 1000);
  REQUIRE(commit.appends.size() == 1);
  CHECK(commit.appends[0].mailbox == "reviewer");
  CHECK(commit.appends[0].group == "w_1");
  CHECK(commit.appends[0].id == "m_1");
}

TEST_CASE(
    "a window of 0 turns its fact off, and so does a body without a unique field, unless it has a "
    "name or a guard") {
  Sample sample;
  sample.event.digest_guards = false;
  REQUIRE(sample.plan().seen.size() == 1);
  CHECK(sample.plan().seen[0].family == "id:github");
  sample.event.name_tag = 7;
  REQUIRE(sample.plan().seen.size() == 2);
  CHECK(sample.plan().seen[1].guard == 0ms);
  CHECK(sample.plan().record.name_tag == 7);
  sample.event.name_tag = 0;
  sample.event.repeat_guard = 10s;
  CHECK(sample.plan().seen[1].guard == 10s);
  sample.event.digest_guards = true;
  CHECK_FALSE(sample.plan().seen[1].guard);
  sample.terms.digest_window = 0ms;
  CHECK(sample.plan().seen.size() == 1);
  sample.terms.id_window = 0ms;
  CHECK(sample.plan().seen.empty());
}

struct SampleSend {
  SendCommand send{
      "agent:coder", "key-1", "request", R"({"messages":[{"id":"m_1","mailbox":"reviewer"}]})", {}};
};

TEST_CASE("a send is remembered by caller and key, and is no listed event") {
  SampleSend sample;
  sample.send.messages = {
      OutgoingMessage{"m_1", "reviewer", "w_1", "", MessageKind::note, "", "{}"}};
  const Commit commit = plan_send(sample.send, {5}, attempt);
  CHECK_FALSE(commit.record.listed);
  REQUIRE(commit.seen.size() == 1);
  CHECK(commit.seen[0].fingerprint == *pack_id(commit.record.event));
  CHECK(commit.seen[0].window == 24h);
  CHECK(commit.record.keep == commit.seen[0].window);
  CHECK(commit.record.received == sample.send.received);
  REQUIRE(commit.appends.size() == 1);

  SendCommand other = sample.send;
  other.caller = "agent:reviewer";
  CHECK(plan_send(other, {5}, attempt).record.event != commit.record.event);
  other = sample.send;
  other.idempotency_key = "key-2";
  CHECK(plan_send(other, {5}, attempt).record.event != commit.record.event);
}

TEST_CASE("agents have a half of a mailbox, one of them a quarter, and operators all of it") {
  SampleSend sample;
  const MailboxRoom room{100, 1000};
  Commit commit = plan_send(sample.send, room, attempt);
  CHECK(commit.mailbox_max == 50);
  CHECK(commit.mailbox_bytes_max == 500);
  CHECK(commit.quota.sender == "agent:coder");
  CHECK(commit.quota.messages_max == 25);
  CHECK(commit.quota.bytes_max == 250);
  commit = plan_send(sample.send, {1, 1}, attempt);
  CHECK(commit.mailbox_max == 1);
  CHECK(commit.quota.messages_max == 1);
  sample.send.caller = "operator:ops";
  commit = plan_send(sample.send, room, attempt);
  CHECK(commit.mailbox_max == 100);
  CHECK(commit.mailbox_bytes_max == 1000);
  CHECK(commit.quota.sender.empty());
}

TEST_CASE("a control message is in a group of its own, which names its work") {
  const OutgoingMessage control{"m_1", "reviewer", "w_1", "", MessageKind::control, "", "{}"};
  const OutgoingMessage note{"m_2", "reviewer", "w_1", "", MessageKind::note, "", "{}"};
  CHECK(group_of(control) == "control:w_1:m_1");
  CHECK(group_of(note) == "w_1");
  SampleSend sample;
  sample.send.messages = {control, note};
  const Commit commit = plan_send(sample.send, {5}, attempt);
  CHECK(commit.appends[0].group == "control:w_1:m_1");
  CHECK(commit.appends[1].group == "w_1");
}

TEST_CASE("sends without a key never repeat each other, but each its own attempts") {
  SampleSend sample;
  sample.send.idempotency_key.clear();
  const std::string other_attempt(attempt_chars, 'y');
  const auto id = [&](const std::string& mark) {
    return plan_send(sample.send, {5}, mark).record.event;
  };
  CHECK(id(attempt) == id(attempt));
  CHECK(id(attempt) != id(other_attempt));
  const std::string without_key = id(attempt);
  sample.send.idempotency_key = attempt;  // a key that looks like a mark is still another thing
  CHECK(id(attempt) != without_key);
}

TEST_CASE("a repetition gets the first answer, another request under its key a conflict") {
  const SampleSend sample;
  const Commit commit = plan_send(sample.send, {5}, attempt);
  const auto same = read_send_record(commit.record.json, "request");
  REQUIRE(same.has_value());
  CHECK(*same == sample.send.answer);
  const auto other = read_send_record(commit.record.json, "another request");
  REQUIRE_FALSE(other.has_value());
  CHECK(other.error().reason == Reason::idempotency_conflict);
  const auto damaged = read_send_record("{}", "request");
  REQUIRE_FALSE(damaged.has_value());
  CHECK(damaged.error().reason == Reason::internal_error);
}

// The inverse of pack_id(); `prefix` is the letter before the underscore.
std::string unpack_id(char prefix, const Fingerprint& packed) {
  Digest digest{};
  std::transform(packed.begin(), packed.end(), digest.begin(),
                 [](char c) { return static_cast<std::uint8_t>(c); });
  return std::string{prefix} + "_" + base62(digest);
}

TEST_CASE("a packed id comes back") {
  for (const char* delivery : {"a", "b", "72d3162e-cc78-11e3-81ab-4c9367dc0958", ""}) {
    const std::string id = event_id("github", delivery);
    const auto packed = pack_id(id);
    REQUIRE(packed);
    CHECK(unpack_id('e', *packed) == id);
  }
  const std::string zero = "s_00000000000000000";
  CHECK(unpack_id('s', *pack_id(zero)) == zero);
}

TEST_CASE("what is no derived id is not packed") {
  // The last is 2^96; one less is all ones.
  const auto largest = pack_id("e_1f2SI9UJPXvb7vdJ1");
  REQUIRE(largest);
  CHECK(std::ranges::count(*largest, '\xFF') == 12);
  for (const char* text :
       {"", "e_", "e_0", "e-00000000000000000", "1_00000000000000000", "e_0000000000000000",
        "e_000000000000000000", "e_0000000000000000!", "e_1f2SI9UJPXvb7vdJ2"}) {
    INFO(text);
    CHECK_FALSE(pack_id(text));
  }
}

}  // namespace
}  // namespace signalbox
