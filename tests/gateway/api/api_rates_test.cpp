// How often an address may call the private listener: guesses are slow, agents and probes are not.
#include "gateway/api/api_handler.hpp"

#include <catch2/catch.hpp>

#include "gateway/limits/address_accounts.hpp"
#include "tests/gateway/worker_fixture.hpp"

namespace signalbox {
namespace {

using test::call;
using test::header_of;
using test::member;
using test::Sent;
using test::WorkerFixture;

constexpr std::string_view rates = R"(
api: {listen: "127.0.0.1:0", unverified_rate: {rate: 1/1h, burst: 2}, verified_rate: {rate: 1/1h, burst: 3}}
)";

Sent of(AddressAccount& account, Sent sent) {
  sent.account = &account;
  return sent;
}

Sent guess() {
  Sent sent = call("GET", "/v1/inbox", "");
  test::set_header(sent.headers, "Authorization", "Bearer a-token-of-nobody");
  return sent;
}

// What the session does behind refused calls.
void refuse_often(AddressAccount& account) {
  for (int i = 0; i < 5; ++i) {
    account.unverified.take(Rate{1, Milliseconds{3'600'000}, 2}, std::chrono::steady_clock::now());
  }
}

}  // namespace

TEST_CASE("a stranger who guessed too often is not even heard with the right token", "[rates]") {
  WorkerFixture fixture{rates};
  AddressAccount account;
  CHECK(fixture.api(of(account, guess())).status == 401);
  refuse_often(account);
  for (const Sent& sent : {guess(), call("GET", "/v1/inbox", "reviewer")}) {
    const Response answer = fixture.api(of(account, sent));
    CHECK(answer.status == 429);
    CHECK(member(answer, "reason") == "too_many_requests");
    CHECK(std::stoi(header_of(answer, "Retry-After")) > 3'500);
  }
  CHECK(fixture.api_refused(Reason::too_many_requests) == 2);
}

TEST_CASE("who asks whether the gateway lives is answered whatever its address did", "[rates]") {
  WorkerFixture fixture{rates};
  AddressAccount account;
  refuse_often(account);
  for (const char* target : {"/livez", "/readyz", "/metrics"}) {
    CHECK(fixture.api(of(account, call("GET", target, ""))).status != 429);
  }
}

TEST_CASE("where agents call from, right tokens pass and each of many wrong ones takes a second",
          "[rates]") {
  WorkerFixture fixture{rates};
  AddressAccount account;
  CHECK(fixture.api(of(account, call("GET", "/v1/inbox", "reviewer"))).status == 200);
  CHECK(fixture.api(of(account, guess())).status == 401);  // at once, as long as there are few
  refuse_often(account);
  const auto pending = fixture.begin(*fixture.worker->api_handler, of(account, guess()));
  CHECK_FALSE(pending->response);
  CHECK(fixture.api(of(account, call("GET", "/v1/inbox", "reviewer"))).status == 200);
}

TEST_CASE("calls of one address are taken as its rate says", "[rates]") {
  WorkerFixture fixture{rates};
  AddressAccount account, other;
  for (int i = 0; i < 3; ++i) {
    CHECK(fixture.api(of(account, call("GET", "/v1/inbox", "reviewer"))).status == 200);
  }
  CHECK(fixture.api(of(account, call("GET", "/v1/inbox", "reviewer"))).status == 429);
  CHECK(fixture.api(of(other, call("GET", "/v1/inbox", "reviewer"))).status == 200);
}

}  // namespace signalbox
