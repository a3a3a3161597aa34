#include "gateway/ingest.hpp"

#include "coordination/record.hpp"
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

IngestTerms terms_of(const Config& config, const SourceConfig& source) {
  return {source.deduplicate_id, source.deduplicate_digest, config.keep_events, config.mailbox_max};
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

Ack duplicate_ack(const CommitResult& result, std::string type) {
  Ack ack;
  ack.status = "duplicate";
  ack.event = result.first_event;
  ack.outcome = to_string(result.first_outcome);
  ack.type = std::move(type);
  return ack;
}

Ack first_ack(const Commit& commit, const Decision& decision, std::string work, std::string type) {
  Ack ack;
  ack.event = commit.record.event;
  ack.work = std::move(work);
  ack.messages = decision.messages.size();
  ack.rules = decision.matched;
  ack.type = std::move(type);
  if (commit.record.outcome == Outcome::accepted) {
    ack.status = "accepted";
  } else if (commit.record.outcome == Outcome::no_match) {
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

void count_outcome(SourceCounters& source, ThreadCounters& thread, const Ack& ack, const Decision& decision) {
  const auto status = ack.status == "accepted"   ? DeliveryStatus::accepted
                      : ack.status == "no_match" ? DeliveryStatus::no_match
                                                 : DeliveryStatus::dropped;
  source.by_status[static_cast<std::size_t>(status)].add();
  for (const OutgoingMessage& message : decision.messages) {
    thread.messages[static_cast<std::size_t>(message.kind)].add();
  }
}

}  // namespace

Task<Result<Ack>> ingest(std::shared_ptr<const Runtime> runtime, Worker& worker, Unverified request,
                         Deadline started) {
  const auto index = runtime->find_source(request.source);
  if (!index) co_return Error{Reason::unknown_source, {}};
  const SourceConfig& source = runtime->config->sources[*index];
  SourceCounters& counters = worker.counters.sources[*index];
  StageClock clock{worker.counters};

  const auto verified = verify(worker.keys(*index), request);
  if (!verified) co_return verified.error();
  counters.verified.add();
  clock.end(Stage::verify);

  const auto event = source.connector->parse(*verified, worker.parse_space);
  if (!event) co_return event.error();
  const Decision decision = runtime->config->rules->decide(*event);
  count_rules(*runtime, worker, decision, request.received);
  const Config& config = *runtime->config;
  Commit commit = plan_ingest(*event, decision, config.rules->digest(), terms_of(config, source),
                              random_text(attempt_chars), {});
  const std::string_view body = event->body.raw();
  std::string type = event->type;
  std::string work = event->work ? event->work->readable : std::string{};
  clock.end(Stage::decide);

  // Views into the parsed body end at the first suspension: both lines below copy what they need of it.
  const bool cited = !decision.messages.empty();
  std::string kept_body{cited ? std::string_view{} : body};
  if (cited) commit.record.body = co_await worker.archiver->compress(body);

  const Deadline deadline = started + source.answer_deadline;
  const auto result = co_await worker.store->commit(commit, deadline);
  clock.end(Stage::store);
  if (!result) co_return result.error();
  if (result->status == CommitStatus::mailbox_full) {
    co_return Error{Reason::mailbox_full, "mailbox '" + result->full_mailbox + "' is full"};
  }
  if (result->status == CommitStatus::duplicate) {
    counters.by_status[static_cast<std::size_t>(DeliveryStatus::duplicate)].add();
    co_return duplicate_ack(*result, std::move(type));
  }
  if (!cited) worker.archiver->store_later(commit.record.event, kept_body, config.keep_events);
  Ack ack = first_ack(commit, decision, std::move(work), std::move(type));
  count_outcome(counters, worker.counters, ack, decision);
  co_return ack;
}

}  // namespace signalbox
