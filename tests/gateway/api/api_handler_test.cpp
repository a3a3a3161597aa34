// What is counted and logged of the calls of the private listener.
#include "gateway/api/api_handler.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <array>

#include "tests/gateway/captured_log.hpp"
#include "tests/gateway/worker_fixture.hpp"

namespace signalbox {
namespace {

using test::call;
using test::CapturedLog;
using test::Sent;
using test::WorkerFixture;

struct RefusedCall {
  std::string_view method;
  std::string_view target;
  std::string_view who;
  std::string_view body;
  Reason reason;
  std::string_view line;  // a part of it
};

constexpr std::array<RefusedCall, 12> refused_calls{{
    {"POST", "/v1/inbox/receive", "reviewer", R"({"max":0})", Reason::invalid_argument,
     "detail=\"'max' must be a whole number from 1 to 100\" route=\"POST /v1/inbox/receive\" "
     "caller=reviewer peer=192.0.2.1"},
    {"POST", "/v1/inbox/receive", "reviewer", R"({"maxx":1})", Reason::invalid_argument,
     "unknown member 'maxx'"},
    {"POST", "/v1/inbox/receive", "reviewer", "{", Reason::malformed_body,
     "detail=\"the body is not valid JSON\""},
    {"POST", "/v1/inbox/ack", "reviewer", R"({"receipts":["m_0b9akjgInM5O53Uhu.2"]})",
     Reason::receipt_expired, "detail=\"1 of 1 receipts\" route=\"POST /v1/inbox/ack\""},
    {"POST", "/v1/messages", "reviewer", R"({"to":"nobody","kind":"note"})",
     Reason::unknown_recipient, "nobody is called 'nobody'"},
    {"POST", "/v1/messages", "reviewer", R"({"to":"coder","kind":"assign"})", Reason::forbidden,
     "detail=\"this token may not send 'assign'\""},
    {"GET", "/v1/messages/m_0b9akjgInM5O53Uhu", "reviewer", "", Reason::not_found,
     "route=\"GET /v1/messages/*\""},
    {"GET", "/v1/events", "reviewer", "", Reason::forbidden, "this call is for operators"},
    {"GET", "/v1/events?max=x", "ops", "", Reason::invalid_argument, "query=max caller=ops"},
    {"GET", "/v1/nothing", "ops", "", Reason::not_found, "detail=\"no such call\" caller=ops"},
    {"DELETE", "/v1/inbox", "ops", "", Reason::method_not_allowed, "caller=ops"},
    {"GET", "/v1/inbox", "", "", Reason::token_missing, "route=\"GET /v1/inbox\" peer=192.0.2.1"},
}};

}  // namespace

TEST_CASE("each refusal of the API is counted once and logged with what was wrong", "[api]") {
  for (const RefusedCall& row : refused_calls) {
    CAPTURE(row.method, row.target, row.body);
    WorkerFixture fixture;
    const CapturedLog log{spdlog::level::info};
    const Response response = fixture.api(
        call(std::string{row.method}, std::string{row.target}, row.who, std::string{row.body}));
    CHECK(response.status >= 400);
    std::uint64_t all = 0;
    for (const ReasonRow& reason : all_reasons()) all += fixture.api_refused(reason.reason);
    CHECK(all == 1);
    CHECK(fixture.api_refused(row.reason) == 1);
    CHECK(log.has("msg=\"request refused\" listener=api reason="));
    CHECK(log.has(std::string{describe(row.reason).name}));
    CHECK(log.has(std::string{row.line}));
    CHECK_FALSE(log.has("=\"\""));
  }
}

TEST_CASE("what is taken is neither counted nor logged as refused", "[api]") {
  WorkerFixture fixture;
  const CapturedLog log{spdlog::level::info};
  CHECK(fixture.api(call("GET", "/v1/inbox", "reviewer")).status == 200);
  CHECK(fixture.api(call("OPTIONS", "/v1/inbox", "")).status == 204);
  for (const ReasonRow& reason : all_reasons()) CHECK(fixture.api_refused(reason.reason) == 0);
  CHECK(log.text().empty());
}

TEST_CASE("no text of a query is in the log, at any level: it may be a token", "[api]") {
  constexpr std::string_view token = "reviewer-token-0001";
  for (const std::string target :
       {"/v1/inbox?token=", "/v1/inbox?agent=", "/v1/inbox?", "/v1/events/e_1?rule=", "/v1/",
        "/livez?token=", "/v1/inbox?max=1&access_token=", "/v1/refused?delivery="}) {
    for (const char* who : {"", "reviewer", "ops"}) {
      CAPTURE(target, who);
      WorkerFixture fixture;
      const CapturedLog log{spdlog::level::debug};
      fixture.api(call("GET", target + std::string{token}, who));
      fixture.worker->api_handler->refused(Error{Reason::malformed_request, {}},
                                           target + std::string{token}, "192.0.2.1");
      CHECK_FALSE(log.text().empty());
      CHECK_FALSE(log.has(std::string{token}));
    }
  }
}

TEST_CASE("no byte of a stranger's path is in the log", "[api]") {
  WorkerFixture fixture;
  const CapturedLog log{spdlog::level::debug};
  fixture.api(call("GET",
                   "/v1/\xe2\x80\xae\xc2\x9b"
                   "31mforged",
                   ""));
  CHECK(log.has("reason=token_missing"));
  CHECK_FALSE(log.has("forged"));
}

TEST_CASE("a flood of refused calls is a few lines and a number", "[api]") {
  WorkerFixture fixture;
  const CapturedLog log{spdlog::level::info};
  for (int i = 0; i < 500; ++i) fixture.api(call("GET", "/v1/inbox", ""));
  CHECK(fixture.api_refused(Reason::token_missing) == 500);
  fixture.lines.tell();
  const std::string text = log.text();
  CHECK(std::count(text.begin(), text.end(), '\n') <= 25);
  CHECK(log.has("msg=\"more refused\" listener=api reason=token_missing count=4"));
}

}  // namespace signalbox
