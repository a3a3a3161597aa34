// Who may make which call: each route for each kind of token.
#include "gateway/api/permission.hpp"

#include <catch2/catch.hpp>

#include "tests/gateway/captured_log.hpp"
#include "tests/gateway/worker_fixture.hpp"

namespace signalbox::api {

using test::call;
using test::member;
using test::WorkerFixture;

constexpr std::string_view guarded = "monitoring: {tokens: [{env: MONITORING_TOKEN}]}\n";

TEST_CASE("a token that may only read makes no call that changes something", "[permission]") {
  for (const Route* route : all_routes()) {
    const bool reads = route->method == "GET" || route->effect != Effect::by_method;
    INFO(route->method << " /" << route->path[0] << "/" << route->path[1] << "/" << route->path[2]);
    for (const auto role : {Principal::Role::agent, Principal::Role::operator_}) {
      Principal principal{role, "somebody"};
      const auto whole = refuse_caller(*route, principal);
      principal.scope = TokenScope::read;
      const auto read = refuse_caller(*route, principal);
      if (whole || reads) {
        CHECK(read.has_value() == whole.has_value());
      } else {
        REQUIRE(read);
        CHECK(read->reason == Reason::insufficient_scope);
      }
    }
  }
}

TEST_CASE("a token of monitoring is for monitoring", "[permission]") {
  const Principal monitoring{Principal::Role::monitoring, "monitoring"};
  std::size_t taken = 0;
  for (const Route* route : all_routes()) {
    if (route->access == Access::anyone) continue;
    const auto refused = refuse_caller(*route, monitoring);
    CHECK(refused.has_value() == (route->access != Access::monitoring));
    if (!refused) ++taken;
  }
  CHECK(taken == 1);
}

TEST_CASE("reading tokens look, and are told that they may do no more", "[permission]") {
  WorkerFixture fixture;
  CHECK(fixture.api(call("GET", "/v1/inbox", "reviewer reading")).status == 200);
  CHECK(fixture.api(call("GET", "/v1/events", "ops reading")).status == 200);
  const Response refused = fixture.api(
      call("POST", "/v1/messages", "reviewer reading", R"({"to":"coder","kind":"note"})"));
  CHECK(refused.status == 403);
  CHECK(member(refused, "reason") == "insufficient_scope");
  CHECK(member(refused, "detail").find("scope is read") != std::string::npos);
  CHECK(fixture.counts("coder").ready == 0);
  CHECK(fixture.api(call("POST", "/v1/inbox/receive", "reviewer reading")).status == 403);
  CHECK(fixture.api_refused(Reason::insufficient_scope) == 2);
}

TEST_CASE("a reading token replays as a dry run only", "[permission]") {
  WorkerFixture fixture;
  const std::string event = member(fixture.hooks(test::pull_request()), "event");
  const std::size_t messages = fixture.counts("reviewer").ready;
  const std::string path = "/v1/events/" + event + "/replay";
  const Response dry = fixture.api(call("POST", path, "ops reading", R"({"dry_run":true})"));
  CHECK(dry.status == 200);
  CHECK(member(dry, "status") == "accepted");
  for (const char* body : {"", "{}", R"({"dry_run":false})"}) {
    CHECK(fixture.api(call("POST", path, "ops reading", body)).status == 403);
  }
  CHECK(fixture.counts("reviewer").ready == messages);
  CHECK(fixture.api(call("POST", path, "ops")).status == 201);
  const Response checked =
      fixture.api(call("POST", "/v1/rules/check", "ops reading", R"({"text":"rules: []"})"));
  CHECK(checked.status != 403);
}

TEST_CASE("an expired token is refused as an unknown one is, and counted by its own name",
          "[permission]") {
  WorkerFixture fixture;
  const Response expired = fixture.api(call("GET", "/v1/events", "ops expired"));
  CHECK(expired.status == 401);
  CHECK(expired.body == fixture
                            .api([] {
                              auto sent = call("GET", "/v1/events", "ops");
                              test::set_header(sent.headers, "Authorization", "Bearer nobody");
                              return sent;
                            }())
                            .body);
  CHECK(fixture.api_refused(Reason::token_expired) == 1);
  CHECK(fixture.api_refused(Reason::token_invalid) == 1);
}

TEST_CASE("without tokens of monitoring, metrics and readiness are open", "[permission]") {
  WorkerFixture fixture;
  CHECK(fixture.api(call("GET", "/metrics", "")).status == 200);
  CHECK(fixture.api(call("GET", "/metrics", "coder")).status == 200);
  CHECK(fixture.api(call("GET", "/readyz?verbose", "")).body == "[+] redis: fine\nok\n");
}

TEST_CASE("with them, metrics need one, probes do not, and details are for those who have one",
          "[permission]") {
  WorkerFixture fixture{guarded};
  const auto status = [&](std::string target, std::string_view who) {
    return fixture.api(call("GET", std::move(target), who)).status;
  };
  CHECK(status("/metrics", "") == 401);
  CHECK(status("/metrics", "coder") == 403);
  CHECK(status("/metrics", "monitoring") == 200);
  CHECK(status("/metrics", "ops") == 200);
  CHECK(status("/metrics", "ops reading") == 200);
  CHECK(status("/metrics", "ops expired") == 401);
  CHECK(status("/v1/rules", "monitoring") == 403);
  CHECK(status("/v1/inbox?agent=reviewer", "monitoring") == 403);
  CHECK(status("/livez", "") == 200);
  CHECK(status("/readyz", "") == 200);
  const auto details = [&](std::string_view who) {
    return fixture.api(call("GET", "/readyz?verbose", who)).body;
  };
  CHECK(details("monitoring") == "[+] redis: fine\nok\n");
  CHECK(details("ops") == details("monitoring"));
  const std::string hidden = "[+] redis: shown to monitoring and operators only\nok\n";
  CHECK(details("") == hidden);
  CHECK(details("coder") == hidden);
}

TEST_CASE("operators' calls leave a record with the client behind a trusted proxy, others' none",
          "[permission]") {
  WorkerFixture fixture{"api: {trusted_proxies: [192.0.2.1]}\n"};
  const test::CapturedLog captured{spdlog::level::info};
  auto sent = call("GET", "/v1/inbox?agent=coder&max=1", "ops");
  test::set_header(sent.headers, "X-Forwarded-For", "198.51.100.7");
  CHECK(fixture.api(std::move(sent)).status == 200);
  CHECK(
      captured.has("msg=audit principal=ops role=operator call=\"GET /v1/inbox\" query=agent,max "
                   "namespace=main mailbox=coder status=200 peer=198.51.100.7"));
  CHECK(fixture.api(call("GET", "/v1/inbox?agent=nobody-of-this-name", "ops")).status == 404);
  CHECK(captured.has("reason=not_found peer=192.0.2.1"));
  CHECK(fixture.audit.numbers().written == 2);
  CHECK(fixture.api(call("GET", "/v1/inbox", "coder")).status == 200);
  CHECK(fixture.api(call("GET", "/v1/inbox", "")).status == 401);
  CHECK(fixture.audit.numbers().written == 2);
}

TEST_CASE("calls are counted by who made them and how they ended", "[permission]") {
  WorkerFixture fixture;
  fixture.api(call("GET", "/v1/inbox", "reviewer"));
  fixture.api(call("GET", "/v1/inbox", "reviewer reading"));
  fixture.api(call("GET", "/v1/rules", "reviewer"));
  fixture.api(call("GET", "/v1/nothing", "ops"));
  fixture.api(call("GET", "/v1/inbox", ""));
  for (const auto& party : fixture.worker->runtime->principals.parties()) {
    const auto& ended = party.calls->by_outcome;
    const std::vector<std::uint64_t> seen{ended[0], ended[1], ended[2]};
    if (party.name == "reviewer") CHECK(seen == std::vector<std::uint64_t>{2, 1, 0});
    if (party.name == "ops") CHECK(seen == std::vector<std::uint64_t>{0, 1, 0});
    if (party.name == "coder") CHECK(seen == std::vector<std::uint64_t>{0, 0, 0});
  }
}

}  // namespace signalbox::api
