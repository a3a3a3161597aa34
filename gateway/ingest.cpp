#include "gateway/ingest.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "connectors/freshness.hpp"
#include "connectors/scope.hpp"
#include "coordination/record.hpp"
#include "event/trace_context.hpp"
#include "gateway/spooling.hpp"
#include "gateway/worker.hpp"

namespace signalbox {
namespace {

using SteadyClock = std::chrono::steady_clock;

// Observes the time since it was made, or since the last stage ended.
class StageClock {
 public:
  explicit StageClock(ThreadCounters& counters) : counters_{counters} {}
  void end(Stage stage) {
    const auto now = SteadyClock::now();
    counters_.stages[static_cast<std::size_t>(stage)].observe(now - began_);
    began_ = now;
  }

 private:
  ThreadCounters& counters_;
  SteadyClock::time_point began_ = SteadyClock::now();
};

// How long a body is remembered. A signed one is taken until it is older than the longest window,
// by a time that may be ahead of ours, and stored by the answer's deadline: until then it has to be
// known, whatever unsigned id it comes under (E7).
Milliseconds digest_window_of(const SourceConfig& source) {
  const Milliseconds window = source.deduplicate_digest;
  if (window.count() == 0 || !source.connector->signs_time) return window;
  return std::max(source.deduplicate_id, window) + clock_skew_max + source.answer_deadline +
         Milliseconds{1};
}

IngestTerms terms_of(const Config& config, const SourceConfig& source) {
  return {source.deduplicate_id, digest_window_of(source), config.keep_events, config.mailbox_max};
}

// Whoever knows a secret can sign anything with it, so it is held against what the body says.
std::optional<Error> scope_error(const SourceConfig& source, const Verified& verified,
                                 const Event& event) {
  const Secret& secret = source.secrets[verified.key_index()];
  if (scope_covers(secret.scope, event.places)) return std::nullopt;
  if (event.places.empty()) {
    return Error{Reason::out_of_scope, "the body names no place, and the secret has a scope"};
  }
  return Error{Reason::out_of_scope,
               fmt::format("the secret's scope does not cover '{}'", event.places.front())};
}

// A commit touches one namespace, so an event decides only messages to agents of its source's. For
// others the rule has failed, and the record says so.
Decision decide_within(const std::string& space, const Config& config, const Event& event) {
  Decision decision = config.rules->decide(event);
  std::erase_if(decision.messages, [&](const OutgoingMessage& message) {
    const AgentConfig* agent = config.find_agent(message.mailbox);
    if (agent == nullptr || agent->space == space) return false;
    decision.failures.push_back({message.rule, "'" + message.mailbox + "' is in namespace '" +
                                                   agent->space + "', the source in '" + space +
                                                   "'"});
    return true;
  });
  return decision;
}

void count_rules(const Runtime& runtime, Worker& worker, const Decision& decision, Time now) {
  for (const std::string& name : decision.matched) {
    worker.counters.rules_matched.add();
    if (RuleCounters* rule = runtime.find_rule(name)) {
      rule->matched.fetch_add(1, std::memory_order_relaxed);
      rule->last_match_ms.store(now.time_since_epoch().count(), std::memory_order_relaxed);
    }
  }
  for (const RuleFailure& failure : decision.failures) {
    worker.counters.rules_failed.add();
    if (RuleCounters* rule = runtime.find_rule(failure.rule)) {
      rule->failed.fetch_add(1, std::memory_order_relaxed);
    }
  }
}

Ack duplicate_ack(const CommitResult& result, Ack&& asked) {
  Ack ack;
  ack.status = "duplicate";
  ack.event = result.first_event;
  ack.outcome = to_string(result.first_outcome);
  ack.type = std::move(asked.type);
  ack.trace = std::move(asked.trace);
  return ack;
}

Ack first_ack(const Event& event, Outcome outcome, const Decision& decision) {
  Ack ack;
  ack.event = event.id;
  ack.type = event.type;
  ack.trace = trace_id_of(event.traceparent);
  if (event.work) ack.work = event.work->readable;
  ack.messages = decision.messages.size();
  ack.rules = decision.matched;
  if (outcome == Outcome::accepted) {
    ack.status = "accepted";
  } else if (outcome == Outcome::no_match) {
    ack.status = "no_match";
  } else {
    ack.status = "dropped";
    ack.reason = "template_failed";
    if (!decision.failures.empty()) {
      ack.detail = decision.failures.front().rule + ": " + decision.failures.front().detail;
    }
  }
  return ack;
}

Error full(const std::string& mailbox) {
  return {Reason::mailbox_full, "mailbox '" + mailbox + "' is full"};
}

DeliveryStatus status_of(const Ack& ack) {
  if (ack.status == "accepted") return DeliveryStatus::accepted;
  if (ack.status == "deferred") return DeliveryStatus::deferred;
  if (ack.status == "no_match") return DeliveryStatus::no_match;
  return ack.status == "duplicate" ? DeliveryStatus::duplicate : DeliveryStatus::dropped;
}

struct Stored {
  CommitResult result;
  bool deferred = false;  // it is in the spool
};

// Makes the commit durable: in Redis, or in the spool when Redis does not confirm it in time. The
// spool's copy holds the body too, since nothing would bring it later.
// Not inlined: GCC 12 then warns of the coroutine's own frame.
[[gnu::noinline]] Task<Result<Stored>> make_durable(Worker& worker, const std::string& space,
                                                    const Commit& commit, const std::string& body,
                                                    Deadline deadline) {
  Store& store = worker.store_of(space);
  Spool* const spool = worker.spool;
  Error error{Reason::store_unavailable, "no connection to Redis"};
  if (spool == nullptr || !store.away()) {
    if (spool != nullptr) deadline -= spool_margin;
    const auto result = co_await store.commit(commit, deadline);
    if (result && result->status == CommitStatus::mailbox_full)
      co_return full(result->full_mailbox);
    if (result) co_return Stored{*result, false};
    error = result.error();
  }
  if (spool == nullptr || !is_for_spool(error)) co_return error;
  Commit whole = commit;
  if (whole.record.body.empty()) whole.record.body = co_await worker.archiver->compress(body);
  const auto spooled = co_await append_to(*spool, worker.io, space, whole);
  if (!spooled) co_return spooled.error();
  co_return Stored{CommitResult{}, true};
}

// What became of it changes what the sender is told.
void settle(const Stored& stored, Ack& ack) {
  if (stored.deferred) ack.status = "deferred";
  if (stored.result.status == CommitStatus::duplicate)
    ack = duplicate_ack(stored.result, std::move(ack));
}

void count_outcome(SourceCounters& source, ThreadCounters& thread, const Ack& ack,
                   const Decision& decision) {
  const DeliveryStatus status = status_of(ack);
  source.by_status[static_cast<std::size_t>(status)].add();
  if (status == DeliveryStatus::duplicate) return;
  for (const OutgoingMessage& message : decision.messages) {
    thread.messages[static_cast<std::size_t>(message.kind)].add();
  }
}

Result<Event> read_event(const SourceConfig& source, const Verified& verified, ParseSpace& space) {
  auto event = source.connector->parse(verified, space);
  if (event) event->traceparent = traceparent_of(verified.request().headers);
  return event;
}

}  // namespace

Task<Result<Ack>> ingest(std::shared_ptr<const Runtime> runtime, Worker& worker, Unverified request,
                         Deadline started) {
  const auto index = runtime->find_source(request.source);
  if (!index) co_return Error{Reason::unknown_source, {}};
  const Config& config = *runtime->config;
  const SourceConfig& source = config.sources[*index];
  SourceSeat& seat = runtime->seat(worker.index, *index);
  StageClock clock{worker.counters};

  const auto verified = verify(seat.keys, request);
  if (!verified) co_return verified.error();
  seat.counters->verified.add();
  clock.end(Stage::verify);

  const auto event = read_event(source, *verified, worker.parse_space);
  if (!event) co_return event.error();
  if (auto outside = scope_error(source, *verified, *event)) co_return *std::move(outside);
  const Decision decision = decide_within(source.space, config, *event);
  count_rules(*runtime, worker, decision, request.received);
  Commit commit = plan_ingest(*event, decision, config.rules->digest(), terms_of(config, source),
                              random_text(attempt_chars), {});
  Ack ack = first_ack(*event, commit.record.outcome, decision);
  clock.end(Stage::decide);

  // Views into the parsed body end at the first suspension: what is needed of it is copied.
  const bool cited = !decision.messages.empty();
  const std::string kept_body{cited ? std::string_view{} : event->body.raw()};
  if (cited) commit.record.body = co_await worker.archiver->compress(event->body.raw());

  const Deadline deadline = started + source.answer_deadline;
  const auto stored = co_await make_durable(worker, source.space, commit, kept_body, deadline);
  clock.end(Stage::store);
  if (!stored) co_return stored.error();
  settle(*stored, ack);
  count_outcome(*seat.counters, worker.counters, ack, decision);
  if (!cited && ack.outcome.empty() && !stored->deferred)
    worker.archiver->store_later(worker.store_of(source.space), ack.event, kept_body,
                                 config.keep_events);
  co_return ack;
}

}  // namespace signalbox
