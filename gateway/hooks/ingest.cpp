#include "gateway/hooks/ingest.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cassert>

#include "connectors/request/freshness.hpp"
#include "connectors/request/scope.hpp"
#include "coordination/attempt_marks.hpp"
#include "coordination/record.hpp"
#include "event/trace_context.hpp"
#include "gateway/archive/archiver.hpp"
#include "gateway/hooks/decision.hpp"
#include "gateway/hooks/spooling.hpp"
#include "gateway/telemetry/hook_counters.hpp"
#include "gateway/telemetry/message_counters.hpp"
#include "gateway/worker/runtime.hpp"
#include "gateway/worker/stores.hpp"
#include "store/archive.hpp"

namespace signalbox {
namespace {

using SteadyClock = std::chrono::steady_clock;

constexpr int follow_tries = 5;

// Observes the time since it was made, or since the last stage ended.
class StageClock {
 public:
  explicit StageClock(ThreadCounters& counters) : counters_{counters} {}
  void end(Stage stage) {
    const auto now = SteadyClock::now();
    counters_.hooks.stages[static_cast<std::size_t>(stage)].observe(now - began_);
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
  if (window.count() == 0 || (!source.connector->signs_time && !source.body.max_age)) return window;
  return std::max({source.deduplicate_id, window, source.body.max_age.value_or(window)}) +
         clock_skew_max + source.answer_deadline + Milliseconds{1};
}

IngestTerms terms_of(const Config& config, const SourceConfig& source) {
  return {source.deduplicate_id, digest_window_of(source), config.keep_events, config.mailbox_max,
          config.mailbox_bytes_max};
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

Ack duplicate_ack(const CommitResult& result, Ack&& asked) {
  Ack ack;
  ack.status = "duplicate";
  ack.event = result.first_event;
  ack.outcome = to_string(result.first_outcome);
  ack.type = std::move(asked.type);
  ack.trace = std::move(asked.trace);
  return ack;
}

// Takes the texts of an event and a decision that are stored by now.
Ack first_ack(Event&& event, Outcome outcome, Decision& decision) {
  Ack ack;
  ack.event = std::move(event.id);
  ack.type = std::move(event.type);
  ack.trace = trace_id_of(event.traceparent);
  if (event.work) ack.work = std::move(event.work->readable);
  ack.messages = decision.messages.size();
  ack.rules = std::move(decision.matched);
  ack.status = to_string(outcome);
  ack.failures = std::move(decision.failures);
  return ack;
}

Error full(const std::string& mailbox) {
  return {Reason::mailbox_full, "mailbox '" + mailbox + "' is full"};
}

Error mismatch(const std::string& first_event) {
  return {Reason::event_mismatch, "this very body was delivered as another event, " + first_event};
}

// Of what was decided: that it is a duplicate, or in the spool, is found out later.
DeliveryStatus status_of(Outcome outcome) noexcept {
  switch (outcome) {
    case Outcome::partly_dropped:
      return DeliveryStatus::partly_dropped;
    case Outcome::no_match:
      return DeliveryStatus::no_match;
    case Outcome::dropped:
      return DeliveryStatus::dropped;
    case Outcome::accepted:
      break;
  }
  return DeliveryStatus::accepted;
}

struct Stored {
  CommitResult result;
  bool deferred = false;  // it is in the spool
};

// A body as it is kept beside the commit. Ordinary ones are compressed at once, since handing them
// over costs more; a long one would hold up the thread.
struct KeptBody {
  std::string compressed;
  std::string text;  // of a long one, which is not compressed yet
};

// What is to be done about a delivery. All but `body` is a copy: the request's views end at the
// first suspension.
struct Plan {
  Decision decision;
  Commit commit;
  Ack ack;
  std::string_view body;
  KeptBody kept;
  bool cited = false;  // by messages, so it belongs to their commit
};

// The spool's copy holds the body too, since nothing would bring it later.
Task<Result<Stored>> make_durable_here(const IngestSetting& setting, const std::string& space,
                                       const Plan& plan) {
  assert(setting.spool != nullptr);
  Commit whole = plan.commit;
  if (whole.record.body.empty()) whole.record.body = plan.kept.compressed;
  if (whole.record.body.empty())
    whole.record.body = co_await setting.archiver.compress_off_thread(plan.kept.text);
  const auto spooled = co_await append_to(*setting.spool, setting.io, space, whole);
  if (!spooled) co_return spooled.error();
  co_return Stored{CommitResult{}, true};
}

// The delivery came before, and part of it was sent then: that is taken out of the plan. What was
// sent cites the body, which the record had and this one replaces.
Task<void> follow(const IngestSetting& setting, Plan& plan, const CommitResult& first) {
  for (const std::size_t sent : follow_partly_dropped(plan.commit, first)) {
    plan.decision.messages.erase(plan.decision.messages.begin() +
                                 static_cast<std::ptrdiff_t>(sent));
  }
  plan.ack.messages = plan.decision.messages.size();
  plan.ack.status = to_string(plan.commit.record.outcome);
  if (plan.commit.record.body.empty()) plan.commit.record.body = std::move(plan.kept.compressed);
  if (plan.commit.record.body.empty())
    plan.commit.record.body = co_await setting.archiver.compress_off_thread(plan.kept.text);
  plan.cited = true;
}

// Makes the commit durable: in Redis, or in the spool when Redis does not confirm it in time.
// Not inlined: GCC 12 then warns of the coroutine's own frame.
[[gnu::noinline]] Task<Result<Stored>> make_durable(const IngestSetting& setting,
                                                    const std::string& space, Plan& plan,
                                                    Deadline deadline) {
  Store& store = setting.stores.of(space);
  DurableQueue* const spool = setting.spool;
  Error error{Reason::store_unavailable, {}};
  if (spool == nullptr || !store.away()) {
    if (spool != nullptr) deadline -= spool_margin;
    auto result = co_await store.commit(plan.commit, deadline);
    // Again only where the same delivery is being decided somewhere else at the same moment.
    for (int tries = 0; tries < follow_tries && result; ++tries) {
      if (result->status != CommitStatus::partly_dropped) break;
      co_await follow(setting, plan, *result);
      result = co_await store.commit(plan.commit, deadline);
    }
    if (result && result->status == CommitStatus::partly_dropped)
      co_return Error{Reason::overloaded, "the same delivery is being decided elsewhere"};
    if (result && result->status == CommitStatus::mailbox_full)
      co_return full(result->full_mailbox);
    if (result && result->status == CommitStatus::event_mismatch)
      co_return mismatch(result->first_event);
    if (result) co_return Stored{*result, false};
    error = result.error();
  }
  if (spool == nullptr || !is_for_spool(error)) co_return error;
  co_return co_await make_durable_here(setting, space, plan);
}

// What became of it changes what the sender is told.
void complete(const Stored& stored, Ack& ack) {
  if (stored.deferred) ack.status = "deferred";
  if (stored.result.status == CommitStatus::duplicate)
    ack = duplicate_ack(stored.result, std::move(ack));
}

void count_outcome(SourceCounters& source, ThreadCounters& thread, const Stored& stored,
                   const Plan& plan) {
  const bool duplicate = stored.result.status == CommitStatus::duplicate;
  const DeliveryStatus status = duplicate         ? DeliveryStatus::duplicate
                                : stored.deferred ? DeliveryStatus::deferred
                                                  : status_of(plan.commit.record.outcome);
  source.by_status[static_cast<std::size_t>(status)].add();
  if (duplicate) return;
  for (const OutgoingMessage& message : plan.decision.messages) {
    thread.messages.add(message.kind);
  }
}

Result<Event> read_event(const SourceConfig& source, const Verified& verified,
                         ParseScratch& scratch) {
  auto event = source.connector->parse(verified, scratch);
  if (event) event->traceparent = traceparent_of(verified.request().headers);
  return event;
}

void keep_body(Plan& plan) {
  if (plan.body.size() > ordinary_body_bytes_max) {
    plan.kept.text = plan.body;
  } else {
    (plan.cited ? plan.commit.record.body : plan.kept.compressed) = compress_body(plan.body);
  }
}

void archive_later(Archiver& archiver, Store& store, Plan& plan, Milliseconds keep) {
  if (plan.kept.text.empty())
    return archiver.store_later(store, plan.ack.event, std::move(plan.kept.compressed), keep);
  archiver.compress_and_store_later(store, plan.ack.event, std::move(plan.kept.text), keep);
}

// All of the life of a webhook that waits for nothing. The plan is apart from the coroutine that
// carries it out: large frames are not recycled.
Result<std::unique_ptr<Plan>> make_plan(const Runtime& runtime, const IngestSetting& setting,
                                        std::size_t index, const Unverified& request) {
  const Config& config = *runtime.config;
  const SourceConfig& source = config.sources[index];
  SourceSeat& seat = runtime.seat(setting.thread, index);
  StageClock clock{setting.counters};

  const auto verified = verify(seat.keys, request);
  if (!verified) return verified.error();
  seat.counters->verified.add();
  clock.end(Stage::verify);

  auto event = read_event(source, *verified, setting.parse_scratch);
  if (!event) return event.error();
  if (auto outside = scope_error(source, *verified, *event)) return *std::move(outside);
  std::string attempt = setting.attempt_marks.next();
  // A provider's id that tells nothing apart names no event: it would replace another's record,
  // which messages cite.
  if (source.deduplicate_id.count() == 0) event->id = event_id(source.name, attempt);
  auto plan = std::make_unique<Plan>();
  plan->decision = decide(runtime, source, *event, request.received, setting.counters);
  plan->commit = plan_ingest(*event, plan->decision, config.rules->digest(),
                             terms_of(config, source), std::move(attempt), {});
  clock.end(Stage::decide);
  plan->body = event->body.raw();
  plan->cited = !plan->decision.messages.empty();
  plan->ack = first_ack(*std::move(event), plan->commit.record.outcome, plan->decision);
  return plan;
}

}  // namespace

Task<Result<Ack>> ingest(std::shared_ptr<const Runtime> runtime, const IngestSetting& setting,
                         Unverified request, Deadline started) {
  const auto index = runtime->find_source(request.source);
  if (!index) co_return Error{Reason::unknown_source, {}};
  const Config& config = *runtime->config;
  const SourceConfig& source = config.sources[*index];
  auto planned = make_plan(*runtime, setting, *index, request);
  if (!planned) co_return planned.error();
  Plan& plan = **planned;
  StageClock clock{setting.counters};

  keep_body(plan);
  if (plan.cited && !plan.kept.text.empty())
    plan.commit.record.body = co_await setting.archiver.compress_off_thread(plan.kept.text);
  const Deadline deadline = started + source.answer_deadline;
  const auto stored = co_await make_durable(setting, source.space, plan, deadline);
  clock.end(Stage::store);
  if (!stored) co_return stored.error();
  complete(*stored, plan.ack);
  const SourceSeat& seat = runtime->seat(setting.thread, *index);
  count_outcome(*seat.counters, setting.counters, *stored, plan);
  if (!plan.cited && plan.ack.outcome.empty() && !stored->deferred)
    archive_later(setting.archiver, setting.stores.of(source.space), plan, config.keep_events);
  co_return std::move(plan.ack);
}

}  // namespace signalbox
