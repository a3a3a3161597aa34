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
  if (window.count() == 0 || !source.connector->signs_time) return window;
  return std::max(source.deduplicate_id, window) + clock_skew_max + source.answer_deadline +
         Milliseconds{1};
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

// A body as it is kept beside the commit. Ordinary ones are compressed at once, since handing them
// over costs more; a long one would hold up the thread.
struct KeptBody {
  std::string compressed;
  std::string text;  // of a long one, which is not compressed yet
};

// The spool's copy holds the body too, since nothing would bring it later.
Task<Result<Stored>> make_durable_here(const IngestSetting& setting, const std::string& space,
                                       const Commit& commit, const KeptBody& body) {
  assert(setting.spool != nullptr);
  Commit whole = commit;
  if (whole.record.body.empty()) whole.record.body = body.compressed;
  if (whole.record.body.empty())
    whole.record.body = co_await setting.archiver.compress_off_thread(body.text);
  const auto spooled = co_await append_to(*setting.spool, setting.io, space, whole);
  if (!spooled) co_return spooled.error();
  co_return Stored{CommitResult{}, true};
}

// Makes the commit durable: in Redis, or in the spool when Redis does not confirm it in time.
// Not inlined: GCC 12 then warns of the coroutine's own frame.
[[gnu::noinline]] Task<Result<Stored>> make_durable(const IngestSetting& setting,
                                                    const std::string& space, const Commit& commit,
                                                    const KeptBody& body, Deadline deadline) {
  Store& store = setting.stores.of(space);
  DurableQueue* const spool = setting.spool;
  Error error{Reason::store_unavailable, {}};
  if (spool == nullptr || !store.away()) {
    if (spool != nullptr) deadline -= spool_margin;
    const auto result = co_await store.commit(commit, deadline);
    if (result && result->status == CommitStatus::mailbox_full)
      co_return full(result->full_mailbox);
    if (result) co_return Stored{*result, false};
    error = result.error();
  }
  if (spool == nullptr || !is_for_spool(error)) co_return error;
  co_return co_await make_durable_here(setting, space, commit, body);
}

// What became of it changes what the sender is told.
void complete(const Stored& stored, Ack& ack) {
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
    thread.messages.add(message.kind);
  }
}

Result<Event> read_event(const SourceConfig& source, const Verified& verified,
                         ParseScratch& scratch) {
  auto event = source.connector->parse(verified, scratch);
  if (event) event->traceparent = traceparent_of(verified.request().headers);
  return event;
}

// What is to be done about a delivery. All but `body` is a copy: the request's views end at the
// first suspension.
struct Plan {
  Decision decision;
  Commit commit;
  Ack ack;
  std::string_view body;
  KeptBody kept;
  bool cited() const noexcept { return !decision.messages.empty(); }
};

void keep_body(Plan& plan) {
  if (plan.body.size() > ordinary_body_bytes_max) {
    plan.kept.text = plan.body;
  } else {
    (plan.cited() ? plan.commit.record.body : plan.kept.compressed) = compress_body(plan.body);
  }
}

void archive_later(Archiver& archiver, Store& store, Plan& plan, Milliseconds keep) {
  if (plan.kept.text.empty()) {
    archiver.store_later(store, plan.ack.event, std::move(plan.kept.compressed), keep);
  } else {
    archiver.compress_and_store_later(store, plan.ack.event, std::move(plan.kept.text), keep);
  }
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
  if (plan.cited() && !plan.kept.text.empty())
    plan.commit.record.body = co_await setting.archiver.compress_off_thread(plan.kept.text);
  const Deadline deadline = started + source.answer_deadline;
  const auto stored =
      co_await make_durable(setting, source.space, plan.commit, plan.kept, deadline);
  clock.end(Stage::store);
  if (!stored) co_return stored.error();
  complete(*stored, plan.ack);
  const SourceSeat& seat = runtime->seat(setting.thread, *index);
  count_outcome(*seat.counters, setting.counters, plan.ack, plan.decision);
  if (!plan.cited() && plan.ack.outcome.empty() && !stored->deferred)
    archive_later(setting.archiver, setting.stores.of(source.space), plan, config.keep_events);
  co_return std::move(plan.ack);
}

}  // namespace signalbox
