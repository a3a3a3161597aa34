// Limits of the API, as callers meet them: on a worker with the fake store, without a socket.
#include <fmt/format.h>

#include <deque>

#include "gateway/api/inbox_answers.hpp"
#include "gateway/api/message_cause.hpp"
#include "tests/gateway/worker_fixture.hpp"
#include "tests/limits/table.hpp"

namespace signalbox::test {
namespace {

// 409: the call was understood, and the receipts of nothing hold nothing.
std::string refusal_of(const std::optional<Response>& response) {
  return !response || response->status < 300 || response->status == 409 ? "" : response->body;
}

// What a call is told when it is refused; one that waits is taken.
std::string called(const std::string& target, const std::string& body,
                   std::string_view who = "reviewer") {
  WorkerFixture fixture;
  const auto pending = fixture.begin(*fixture.worker->api_handler,
                                     call(body.empty() ? "GET" : "POST", target, who, body));
  return refusal_of(pending->response);
}
std::string received(std::string_view member, const std::string& value) {
  return called("/v1/inbox/receive", fmt::format(R"({{"{}":{}}})", member, value));
}
std::string max(std::int64_t count) { return received("max", std::to_string(count)); }
std::string budget(std::int64_t bytes) { return received("max_bytes", std::to_string(bytes)); }
std::string wait(std::int64_t ms) { return received("wait", fmt::format("\"{}ms\"", ms)); }
std::string visibility(std::int64_t ms) {
  return received("visibility", fmt::format("\"{}ms\"", ms));
}
std::string extended(std::int64_t ms) {
  return called("/v1/inbox/extend",
                fmt::format(R"({{"receipts":["m_1.1"],"visibility":"{}ms"}})", ms));
}
std::string receipts(std::int64_t count) {
  return called("/v1/inbox/ack",
                fmt::format(R"({{"receipts":[{}]}})", repeated(count, "\"m_1.1\"", ",")));
}
std::string body_depth(std::int64_t depth) {
  const std::string refusal = received("max", repeated(depth - 1, "[") + repeated(depth - 1, "]"));
  return refusal.find("not valid JSON") == std::string::npos ? "" : refusal;
}
std::string peeked(std::int64_t count) {
  return called(fmt::format("/v1/inbox?max={}", count), "");
}
std::string events(std::int64_t count) {
  return called(fmt::format("/v1/events?max={}", count), "", "ops");
}
std::string listed(std::int64_t count) {
  return called(fmt::format("/v1/refused?max={}", count), "", "ops");
}
std::string redriven(std::int64_t count) {
  return called("/v1/inbox/redrive?agent=reviewer", fmt::format(R"({{"max":{}}})", count), "ops");
}
std::string redriven_by_id(std::int64_t count) {
  return called("/v1/inbox/redrive?agent=reviewer",
                fmt::format(R"({{"messages":[{}]}})", repeated(count, "\"m_1\"", ",")), "ops");
}

std::string sent(const std::string& more) {
  return called("/v1/messages", R"({"to":"reviewer","kind":"note",)" + more + "}", "ops");
}
std::string data_bytes(std::int64_t bytes) {
  return sent(fmt::format(R"("data":{{"a":"{}"}})", letters(bytes - 8)));
}
std::string work_bytes(std::int64_t bytes) {
  return sent(fmt::format(R"("work":"{}")", letters(bytes)));
}
std::string key_bytes(std::int64_t bytes) {
  WorkerFixture fixture;
  Sent message = call("POST", "/v1/messages", "ops", R"({"to":"reviewer","kind":"note"})");
  message.headers.emplace_back("Idempotency-Key", letters(bytes));
  return refusal_of(fixture.api(std::move(message)));
}
std::string checked_rules(std::int64_t bytes) {
  return called("/v1/rules/check", '#' + letters(bytes - 1), "ops");
}
std::string hops(std::int64_t hop) {
  Message message;
  api::MessageCause cause;
  cause.hop = static_cast<unsigned>(hop);
  const auto followed = api::follow(message, cause);
  return followed ? "" : followed.error().detail;
}

std::string replays_named(std::int64_t count) {
  const std::string refusal =
      called("/v1/events/e_1/replay",
             fmt::format(R"({{"rules":[{}]}})", repeated(count, "\"review\"", ",")), "ops");
  return refusal.find("must be a list of") == std::string::npos ? "" : refusal;
}
std::string replays(std::int64_t count) {
  WorkerFixture fixture;
  const Response delivered = fixture.hooks(pull_request());
  const std::string target = fmt::format("/v1/events/{}/replay", member(delivered, "event"));
  for (std::int64_t i = 1; i < count; ++i) fixture.api(call("POST", target, "ops", "{}"));
  return refusal_of(fixture.api(call("POST", target, "ops", "{}")));
}
std::string diagnosed(std::int64_t count) {
  WorkerFixture fixture{"hooks: {keep_refused: 10}\n"};
  for (std::int64_t i = 0; i < count; ++i) {
    Sent forged = pull_request("one-delivery");
    forged.body += ' ';
    fixture.hooks(std::move(forged));
  }
  const Response answer = fixture.api(call("GET", "/v1/refused?delivery=one-delivery", "ops"));
  std::int64_t found = 0;
  for (auto at = answer.body.find("\"diagnosis\""); at != std::string::npos;
       at = answer.body.find("\"diagnosis\"", at + 1)) {
    ++found;
  }
  return cut_unless(found == count);
}

// Others wait already.
std::string waiting(std::int64_t count) {
  WorkerFixture fixture;
  std::deque<Waiter> others;
  for (std::int64_t i = 1; i < count; ++i) {
    others.emplace_back(fixture.worker->waiters, "coder", fixture.worker->io);
  }
  const auto pending =
      fixture.begin(*fixture.worker->api_handler,
                    call("POST", "/v1/inbox/receive", "reviewer", R"({"wait":"9s"})"));
  return refusal_of(pending->response);
}

std::string call_ms(std::int64_t ms) {
  WorkerFixture fixture;
  const auto before = std::chrono::steady_clock::now();
  fixture.api(call("GET", "/v1/inbox", "reviewer"));
  return cut_unless(fixture.weather.deadlines.at(0) - before >= Milliseconds{ms});
}

// A summary has its quotes beside its text.
std::string summary_bytes(std::int64_t bytes) {
  Received received;
  received.messages.push_back(
      {"m_1.1", 1, fmt::format(R"({{"type":"t","data":{{"summary":"{}"}}}})", letters(bytes - 2)),
       true});
  return cut_unless(api::received_json_within(received, 100'000).find("…") == std::string::npos);
}
std::string digest_works(std::int64_t count) {
  Received received;
  received.remaining = static_cast<std::uint64_t>(count);
  for (std::int64_t i = 0; i < count; ++i) {
    received.left_by_work.push_back({fmt::format("w_{}", i), 1});
  }
  const auto answer = api::received_json_within(received, 100'000);
  return cut_unless(answer.find(fmt::format("\"w_{}\"", count - 1)) != std::string::npos);
}

}  // namespace

std::span<const Limit> api_limits() {
  static constexpr std::int64_t hour = 3'600'000;
  static constexpr Limit limits[]{
      {"gateway/api/call.cpp:body_depth_max", 32, 33, body_depth, "not valid JSON"},
      {"gateway/api/call.cpp:idempotency_key_bytes_max", 255, 256, key_bytes, "1 to 255"},
      {"gateway/api/call.hpp:call_timeout", 10'000, 11'000, call_ms, "cut"},
      {"gateway/api/dry_run.cpp:rules_bytes_max", 262'144, 262'145, checked_rules, "256 KiB"},
      {"gateway/api/inbox.cpp:wait_max", 60'000, 60'001, wait, "from 0s to 1m"},
      {"gateway/api/inbox.cpp:visibility_least", 1'000, 999, visibility, "from 1s to 12h"},
      {"gateway/api/inbox.cpp:visibility_most", 12 * hour, 12 * hour + 1, visibility,
       "from 1s to 12h"},
      {"gateway/api/inbox.cpp:visibility_least", 1'000, 999, extended, "from 1s to 12h"},
      {"gateway/api/inbox.cpp:visibility_most", 12 * hour, 12 * hour + 1, extended,
       "from 1s to 12h"},
      {"gateway/api/inbox.cpp:max_bytes_most", 67'108'864, 67'108'865, budget,
       "from 512 to 67108864"},
      {"gateway/api/inbox_answers.cpp:summary_bytes_max", 1024, 1025, summary_bytes, "cut"},
      {"gateway/api/inbox_answers.cpp:works_max", 20, 21, digest_works, "cut"},
      {"gateway/api/message_cause.hpp:hops_max", 63, 64, hops, "64 messages led to"},
      {"gateway/api/messages.cpp:data_bytes_max", 65'536, 65'537, data_bytes,
       "larger than 65536 bytes"},
      {"gateway/api/messages.cpp:work_name_bytes_max", 255, 256, work_bytes,
       "longer than 255 bytes"},
      {"gateway/api/refused.cpp:listed_most", 100, 101, listed, "from 1 to 100"},
      {"gateway/api/refused.cpp:diagnosed_max", 3, 4, diagnosed, "cut"},
      {"gateway/api/replay.cpp:rules_named_max", 100, 101, replays_named, "1 to 100"},
      {"coordination/replay.hpp:replays_max", 100, 101, replays, "replayed 100 times"},
      {"gateway/worker/waiters.hpp:waiters_max", 20'000, 20'001, waiting, "too many calls wait"},
      {"store/store.hpp:receive_max", 100, 101, max, "from 1 to 100"},
      {"store/store.hpp:receive_max", 100, 101, receipts, "1 to 100"},
      {"store/store.hpp:receive_max", 100, 101, peeked, "from 1 to 100"},
      {"store/store.hpp:events_max", 100, 101, events, "from 1 to 100"},
      {"store/store.hpp:redrive_max", 1000, 1001, redriven, "from 1 to 1000"},
      {"store/store.hpp:redrive_max", 1000, 1001, redriven_by_id, "1 to 1000"},
      {"store/store.hpp:answer_bytes_least", 512, 511, budget, "from 512 to 67108864"},
  };
  return limits;
}

}  // namespace signalbox::test
