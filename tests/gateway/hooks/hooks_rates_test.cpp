// How often an address and a source may come: who has to wait, who never has, and what they are
// told.
#include "gateway/hooks/hooks_handler.hpp"

#include <catch2/catch.hpp>

#include "gateway/limits/address_accounts.hpp"
#include "tests/gateway/worker_fixture.hpp"

namespace signalbox {
namespace {

using test::header_of;
using test::member;
using test::pull_request;
using test::Sent;
using test::set_header;
using test::WorkerFixture;

constexpr std::string_view rates = R"(
hooks: {listen: "127.0.0.1:0", unverified_rate: {rate: 1/1h, burst: 2}, verified_rate: {rate: 1/1h, burst: 5}}
)";

Sent of(AddressAccount& account, Sent sent) {
  sent.account = &account;
  return sent;
}

Sent unsigned_one() {
  Sent sent = pull_request();
  test::drop_header(sent.headers, "X-Hub-Signature-256");
  return sent;
}

std::string name_of(int number) { return "delivery-" + std::to_string(number); }

// What the session does behind a refused request.
void refuse_often(AddressAccount& account, int times) {
  for (int i = 0; i < times; ++i) {
    account.unverified.take(Rate{1, Milliseconds{3'600'000}, 2}, std::chrono::steady_clock::now());
  }
}

}  // namespace

TEST_CASE("a stranger whose requests were refused too often has to wait, signed or not",
          "[rates]") {
  WorkerFixture fixture{rates};
  AddressAccount account;
  refuse_often(account, 1);
  CHECK(fixture.hooks(of(account, unsigned_one())).status == 401);
  refuse_often(account, 1);
  for (const Sent& sent : {unsigned_one(), pull_request()}) {
    const Response answer = fixture.hooks(of(account, sent));
    CHECK(answer.status == 429);
    CHECK(member(answer, "reason") == "too_many_requests");
    CHECK(std::stoi(header_of(answer, "Retry-After")) > 3'500);
  }
  CHECK(fixture.hooks_refused(Reason::too_many_requests) == 2);
}

TEST_CASE("an address that has sent a signed delivery is served whatever else comes from it",
          "[rates]") {
  WorkerFixture fixture{rates};
  AddressAccount account;
  CHECK(fixture.hooks(of(account, pull_request())).status == 200);
  refuse_often(account, 9);
  CHECK(fixture.hooks(of(account, unsigned_one())).status == 401);
  CHECK(fixture.hooks(of(account, pull_request(name_of(2)))).status == 200);
}

TEST_CASE("a refused delivery does not make its address known", "[rates]") {
  WorkerFixture fixture{rates};
  AddressAccount account;
  fixture.hooks(of(account, unsigned_one()));
  CHECK_FALSE(account.known(std::chrono::steady_clock::now()));
}

TEST_CASE("signed deliveries of one address are taken as its rate says", "[rates]") {
  WorkerFixture fixture{rates};
  AddressAccount account, other;
  for (int i = 0; i < 5; ++i) {
    CHECK(fixture.hooks(of(account, pull_request(name_of(i)))).status == 200);
  }
  const Response answer = fixture.hooks(of(account, pull_request(name_of(5))));
  CHECK(answer.status == 429);
  CHECK_FALSE(header_of(answer, "Retry-After").empty());
  CHECK(fixture.hooks(of(other, pull_request(name_of(5)))).status == 200);
  CHECK(fixture.source().refused[static_cast<std::size_t>(Reason::too_many_requests)].value() == 1);
}

TEST_CASE("deliveries of one source are taken as its rate says, from wherever they come",
          "[rates]") {
  WorkerFixture fixture;
  AddressAccount one, other;
  const auto& source = fixture.worker->runtime->config->sources[0];
  REQUIRE(source.name == "github");
  TokenBucket& bucket = fixture.worker->runtime->bucket(0);
  // Empty for an hour, however slow the machine is.
  const auto later = std::chrono::steady_clock::now() + std::chrono::hours{1};
  while (bucket.take(source.rate, later).count() == 0) continue;
  CHECK(fixture.hooks(of(one, pull_request(name_of(1)))).status == 429);
  CHECK(fixture.hooks(of(other, pull_request(name_of(2)))).status == 429);
}

TEST_CASE("a source keeps its rate over a reload", "[rates]") {
  WorkerFixture fixture;
  const auto before = fixture.worker->runtime;
  const Runtime after{before->config, before.get()};
  CHECK(&after.bucket(0) == &before->bucket(0));
}

}  // namespace signalbox
