// Mailboxes over the API: leases, what receipts are good for, long polls, and whose mailbox it is.
#include <fmt/format.h>
#include <sys/socket.h>
#include <unistd.h>

#include <catch2/catch.hpp>

#include <array>
#include <deque>

#include "tests/gateway/worker_fixture.hpp"

namespace signalbox {
namespace {

using namespace std::chrono_literals;
using SteadyClock = std::chrono::steady_clock;
using test::call;
using test::member;
using test::Pending;
using test::WorkerFixture;

Response receive(WorkerFixture& fixture, std::string body = {}) {
  return fixture.api(call("POST", "/v1/inbox/receive", "reviewer", std::move(body)));
}

std::string receipt_of(const Response& response) {
  const std::size_t at = response.body.find("\"receipt\":\"");
  if (at == std::string::npos) return {};
  const std::size_t begin = at + 11;
  return response.body.substr(begin, response.body.find('"', begin) - begin);
}

Response with_receipt(WorkerFixture& fixture, std::string verb, const std::string& receipt,
                      std::string more = {}) {
  return fixture.api(call("POST", "/v1/inbox/" + verb, "reviewer",
                          fmt::format(R"({{"receipts":["{}"]{}}})", receipt, more)));
}

std::shared_ptr<Pending> wait_for_message(WorkerFixture& fixture,
                                          std::string body = R"({"wait":"60s"})", int socket = -1) {
  test::Sent sent = call("POST", "/v1/inbox/receive", "reviewer", std::move(body));
  sent.socket = socket;
  return fixture.begin(*fixture.worker->api_handler, std::move(sent));
}

// A mailbox with a message.
void fill(WorkerFixture& fixture) {
  REQUIRE(fixture.ingest_only(test::pull_request()).has_value());
}

}  // namespace

TEST_CASE("a message is leased, acknowledged, and gone", "[inbox]") {
  WorkerFixture fixture;
  fill(fixture);
  const Response peeked = fixture.api(call("GET", "/v1/inbox", "reviewer"));
  CHECK(member(peeked, "ready") == "1");
  CHECK(peeked.body.find("\"state\":\"ready\"") != std::string::npos);
  const Response received = receive(fixture);
  CHECK(received.status == 200);
  CHECK(received.body.find("Review Faster") != std::string::npos);
  CHECK(member(received, "remaining") == "0");
  CHECK(member(receive(fixture), "messages") == "[]");
  CHECK(member(fixture.api(call("GET", "/v1/inbox", "reviewer")), "leased") == "1");

  const Response done = with_receipt(fixture, "ack", receipt_of(received));
  CHECK(done.status == 200);
  CHECK(member(done, "expired") == "[]");
  CHECK(fixture.counts("reviewer").leased == 0);
  const Response again = with_receipt(fixture, "ack", receipt_of(received));
  CHECK(again.status == 409);
  CHECK(member(again, "reason") == "receipt_expired");
  CHECK(member(again, "done") == "[]");
}

TEST_CASE("a lease ends with its visibility, unless it is extended or given back", "[inbox]") {
  WorkerFixture fixture;
  fill(fixture);
  const std::string first = receipt_of(receive(fixture, R"({"visibility":"10s"})"));
  fixture.clock.time += 9s;
  CHECK(receipt_of(receive(fixture)).empty());
  CHECK(with_receipt(fixture, "extend", first, R"(,"visibility":"20s")").status == 200);
  fixture.clock.time += 19s;
  CHECK(receipt_of(receive(fixture)).empty());
  fixture.clock.time += 1s;
  const std::string second = receipt_of(receive(fixture));
  CHECK_FALSE(second.empty());
  CHECK(with_receipt(fixture, "extend", first).status == 409);
  CHECK(with_receipt(fixture, "nack", second).status == 200);
  CHECK_FALSE(receipt_of(receive(fixture)).empty());
}

TEST_CASE("a message of the mailbox is shown by its id, to its agent only", "[inbox]") {
  WorkerFixture fixture;
  fill(fixture);
  const std::string receipt = receipt_of(receive(fixture));
  const std::string id = receipt.substr(0, receipt.rfind('.'));
  const Response shown = fixture.api(call("GET", "/v1/messages/" + id, "reviewer"));
  CHECK(shown.status == 200);
  CHECK(shown.content_type == "application/cloudevents+json");
  CHECK(member(shown, "id") == id);
  CHECK(fixture.api(call("GET", "/v1/messages/" + id, "coder")).status == 404);
  CHECK(fixture.api(call("GET", "/v1/messages/" + id + "?agent=reviewer", "ops")).status == 200);
}

TEST_CASE("an operator finds a message wherever it is", "[inbox]") {
  WorkerFixture fixture;
  fill(fixture);
  const std::string receipt = receipt_of(receive(fixture));
  const std::string target = "/v1/messages/" + receipt.substr(0, receipt.rfind('.'));
  const auto status = [&](const std::string& query) {
    return fixture.api(call("GET", target + query, "ops")).status;
  };
  CHECK(status("") == 200);
  CHECK(status("?namespace=main") == 200);
  CHECK(status("?namespace=blue") == 404);
  CHECK(status("?agent=coder") == 404);
  CHECK(status("?agent=nobody") == 404);
  CHECK(fixture.api(call("GET", "/v1/messages/m_nothing", "ops")).status == 404);
}

TEST_CASE("who calls decides whose mailbox it is", "[inbox]") {
  WorkerFixture fixture;
  struct Row {
    std::string target;
    std::string who;
    unsigned status;
    std::string reason;
  };
  const std::vector<Row> rows{
      {"/v1/inbox", "", 401, "unauthorized"},
      {"/v1/inbox?agent=reviewer", "reviewer", 200, ""},
      {"/v1/inbox?agent=coder", "reviewer", 403, "forbidden"},
      {"/v1/inbox", "ops", 400, "invalid_argument"},
      {"/v1/inbox?agent=reviewer", "ops", 200, ""},
      {"/v1/inbox?agent=painter", "ops", 200, ""},
      {"/v1/inbox?agent=dead:reviewer", "ops", 200, ""},
      {"/v1/inbox?agent=nobody", "ops", 404, "not_found"},
      {"/v1/inbox?agnet=reviewer", "ops", 400, "invalid_argument"},
      {"/v1/nothing", "reviewer", 404, "not_found"},
      {"/v1/events", "reviewer", 403, "forbidden"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.target, row.who);
    const Response response = fixture.api(call("GET", row.target, row.who));
    CHECK(response.status == row.status);
    CHECK(member(response, "reason") == row.reason);
  }
  CHECK(fixture.api_refused(Reason::token_missing) == 1);
  CHECK(fixture.api(call("GET", "/livez", "")).status == 200);
  const Response wrong_method = fixture.api(call("DELETE", "/v1/inbox", "reviewer"));
  CHECK(wrong_method.status == 405);
  CHECK(test::header_of(wrong_method, "Allow") == "GET, HEAD, OPTIONS");
}

TEST_CASE("a call is admitted or refused by its head", "[inbox]") {
  WorkerFixture fixture;
  const auto by_head = [&](test::Sent sent) {
    test::HeldRequest head{std::move(sent), fixture.clock.now()};
    const auto answer = fixture.worker->api_handler->answer_head(head.view());
    return answer ? answer->status : 0;
  };
  CHECK(by_head(call("POST", "/v1/inbox/receive", "reviewer")) == 0);
  CHECK(by_head(call("GET", "/livez", "")) == 0);
  CHECK(by_head(call("POST", "/v1/inbox/receive", "")) == 401);
  CHECK(by_head(call("POST", "/v1/nothing", "reviewer")) == 404);
  CHECK(by_head(call("DELETE", "/v1/inbox", "reviewer")) == 405);
  CHECK(by_head(call("POST", "/v1/rules/check", "reviewer")) == 403);
  CHECK(by_head(call("POST", "/v1/inbox/receive?agnet=x", "reviewer")) == 400);
  CHECK(fixture.api_refused(Reason::token_missing) == 1);
  CHECK(by_head(call("OPTIONS", "*", "")) == 204);
}

TEST_CASE("what a receive asks for has bounds on both sides", "[inbox]") {
  struct Row {
    std::string taken;
    std::string refused;
  };
  const std::vector<Row> rows{
      {R"({"max":1})", R"({"max":0})"},
      {R"({"max":100})", R"({"max":101})"},
      {R"({"visibility":"1s"})", R"({"visibility":"999ms"})"},
      {R"({"visibility":"12h"})", R"({"visibility":"43201s"})"},
      {R"({"wait":"0s"})", R"({"wait":"60001ms"})"},
      {R"({"max_bytes":512})", R"({"max_bytes":511})"},
      {R"({"max_bytes":67108864})", R"({"max_bytes":67108865})"},
      {"", R"({"unknown":1})"},
  };
  WorkerFixture fixture;
  for (const Row& row : rows) {
    CAPTURE(row.taken, row.refused);
    CHECK(receive(fixture, row.taken).status == 200);
    CHECK(receive(fixture, row.refused).status == 400);
  }
  CHECK_FALSE(wait_for_message(fixture, R"({"wait":"60s"})")->response);  // taken
}

TEST_CASE("receipts are one to a hundred of a call", "[inbox]") {
  const auto list = [](int count) {
    std::string receipts;
    for (int i = 0; i < count; ++i) receipts += fmt::format("{}\"m_{}.1\"", i > 0 ? "," : "", i);
    return "{\"receipts\":[" + receipts + "]}";
  };
  WorkerFixture fixture;
  for (const char* verb : {"ack", "nack", "extend"}) {
    const auto status = [&](int count) {
      return fixture.api(call("POST", std::string{"/v1/inbox/"} + verb, "reviewer", list(count)))
          .status;
    };
    CHECK(status(0) == 400);
    CHECK(status(1) == 409);
    CHECK(status(100) == 409);
    CHECK(status(101) == 400);
  }
}

TEST_CASE("a long poll lets its request go, and ends with the message that wakes it", "[inbox]") {
  WorkerFixture fixture;
  const auto pending = wait_for_message(fixture);
  CHECK_FALSE(pending->response);
  CHECK(pending->request->was_let_go());
  CHECK(fixture.worker->waiters.size() == 1);
  fill(fixture);
  fixture.worker->waiters.wake_one("reviewer");
  fixture.poll();
  REQUIRE(pending->response);
  CHECK_FALSE(receipt_of(*pending->response).empty());
  CHECK(fixture.worker->waiters.size() == 0);
}

TEST_CASE("a long poll ends empty at its deadline, and at once in a drain", "[inbox]") {
  WorkerFixture fixture;
  const auto late = wait_for_message(fixture, R"({"wait":"5ms"})");
  const auto begun = SteadyClock::now();
  while (!late->response && SteadyClock::now() < begun + 5s) fixture.sweep(SteadyClock::now());
  REQUIRE(late->response);
  CHECK(member(*late->response, "messages") == "[]");

  const auto pending = wait_for_message(fixture);
  fixture.sweep(SteadyClock::now() + 50s);
  CHECK_FALSE(pending->response);
  fixture.worker->drain(std::chrono::seconds{25}, [] {});
  fixture.poll();
  REQUIRE(pending->response);
  CHECK(pending->response->status == 200);
}

TEST_CASE("a caller who is gone is given no lease: the next one is woken", "[inbox]") {
  WorkerFixture fixture;
  std::array<int, 2> ends{};
  REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) == 0);
  const auto gone = wait_for_message(fixture, R"({"wait":"60s"})", ends[0]);
  const auto next = wait_for_message(fixture);
  ::close(ends[1]);
  fill(fixture);
  fixture.worker->waiters.wake_one("reviewer");
  fixture.poll();
  REQUIRE(gone->response);
  CHECK(receipt_of(*gone->response).empty());
  REQUIRE(next->response);
  CHECK_FALSE(receipt_of(*next->response).empty());
  ::close(ends[0]);
}

TEST_CASE("twenty thousand calls may wait on a thread, one more is told to come back", "[inbox]") {
  WorkerFixture fixture;
  std::deque<Waiter> waiting;
  for (int i = 0; i < 19'999; ++i) {
    waiting.emplace_back(fixture.worker->waiters, "coder", fixture.worker->io);
  }
  const auto last = wait_for_message(fixture);
  CHECK_FALSE(last->response);
  const auto refused = wait_for_message(fixture);
  REQUIRE(refused->response);
  CHECK(refused->response->status == 503);
  CHECK(member(*refused->response, "reason") == "overloaded");
  waiting.pop_back();
  CHECK_FALSE(wait_for_message(fixture)->response);
}

TEST_CASE("a store that stumbles is told to the caller", "[inbox]") {
  WorkerFixture fixture;
  fixture.weather.failure = Error{Reason::store_unavailable, "away"};
  const Deadline before = SteadyClock::now();
  CHECK(receive(fixture).status == 503);
  CHECK(with_receipt(fixture, "ack", "m_1.1").status == 503);
  CHECK(fixture.api(call("GET", "/v1/inbox", "reviewer")).status == 503);
  for (const Deadline& deadline : fixture.weather.deadlines) {
    CHECK(deadline >= before + 10s);
    CHECK(deadline <= SteadyClock::now() + 10s);
  }
}

TEST_CASE("the inbox says who holds a lease and until when, and an operator takes it back",
          "[inbox]") {
  WorkerFixture fixture;
  fill(fixture);
  CHECK(fixture.api(call("GET", "/v1/inbox", "reviewer")).body.find("\"lease\"") ==
        std::string::npos);
  const std::string receipt = receipt_of(receive(fixture, R"({"visibility":"10s"})"));
  const std::string id = receipt.substr(0, receipt.rfind('.'));
  const std::string until = format_time(fixture.clock.time + 10s);
  const Response peeked = fixture.api(call("GET", "/v1/inbox", "reviewer"));
  CHECK(peeked.body.find(R"("lease":{"holder":"agent:reviewer at )") != std::string::npos);
  CHECK(peeked.body.find(R"("until":")" + until + "\"") != std::string::npos);

  const std::string body = fmt::format(R"({{"agent":"reviewer","messages":["{}","m_x"]}})", id);
  CHECK(fixture.api(call("POST", "/v1/inbox/release", "reviewer", body)).status == 403);
  const Response released = fixture.api(call("POST", "/v1/inbox/release", "ops", body));
  CHECK(released.status == 200);
  CHECK(released.body == fmt::format(R"({{"released":["{}"],"not_leased":["m_x"]}})", id));
  CHECK(with_receipt(fixture, "ack", receipt).status == 409);
  CHECK_FALSE(receipt_of(receive(fixture)).empty());
  const auto status = [&](std::string wrong) {
    return fixture.api(call("POST", "/v1/inbox/release", "ops", std::move(wrong))).status;
  };
  CHECK(status(R"({"messages":["m_x"]})") == 400);
  CHECK(status(R"({"agent":"reviewer"})") == 400);
  CHECK(status(R"({"agent":"reviewer","messages":[]})") == 400);
  CHECK(status(R"({"agent":"nobody","messages":["m_x"]})") == 404);
  CHECK(status(R"({"agent":"dead:reviewer","messages":["m_x"]})") == 200);
}

TEST_CASE("a control message reaches an agent that holds its work, and extending tells of it",
          "[inbox]") {
  WorkerFixture fixture;
  fill(fixture);
  const Response held = receive(fixture);
  const std::size_t at = held.body.find("\"workid\":\"") + 10;
  const std::string work = held.body.substr(at, held.body.find('"', at) - at);
  CHECK(member(with_receipt(fixture, "extend", receipt_of(held)), "control") == "[]");
  const Response sent = fixture.api(call(
      "POST", "/v1/messages", "ops",
      fmt::format(R"({{"to":"reviewer","kind":"control","work":"{}","summary":"Stop"}})", work)));
  REQUIRE(sent.status == 201);
  const Response extended = with_receipt(fixture, "extend", receipt_of(held));
  CHECK(extended.body.find("\"control\":[\"m_") != std::string::npos);
  CHECK(receive(fixture).body.find("dev.signalbox.control") != std::string::npos);
  CHECK(member(with_receipt(fixture, "extend", receipt_of(held)), "control") == "[]");
}

}  // namespace signalbox
