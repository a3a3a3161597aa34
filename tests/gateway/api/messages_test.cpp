// Sending over the API: who may send what to whom, and what a repetition is answered.
#include <fmt/format.h>
#include <catch2/catch.hpp>

#include "tests/gateway/worker_fixture.hpp"

namespace signalbox {
namespace {

using test::call;
using test::member;
using test::WorkerFixture;

Response send(WorkerFixture& fixture, std::string_view who, std::string body,
              std::string key = {}) {
  test::Sent sent = call("POST", "/v1/messages", who, std::move(body));
  if (!key.empty()) test::set_header(sent.headers, "Idempotency-Key", std::move(key));
  return fixture.api(std::move(sent));
}

std::string note_to(std::string_view to, std::string_view more = {}) {
  return fmt::format(R"({{"to":"{}","kind":"note"{}}})", to, more);
}

}  // namespace

TEST_CASE("a message is in the mailbox, with the sender that the token says", "[messages]") {
  WorkerFixture fixture;
  const Response response = send(
      fixture, "reviewer", note_to("coder", R"(,"summary":"Done","work":"github:acme/api#1")"));
  CHECK(response.status == 201);
  const auto messages = fixture.messages("coder");
  REQUIRE(messages.size() == 1);
  CHECK(messages[0].find("agent:reviewer") != std::string::npos);
  CHECK(messages[0].find("\"summary\":\"Done\"") != std::string::npos);
  CHECK(fixture.sent(MessageKind::note) == 1);
}

TEST_CASE("numbers in data stay as they were spelled", "[messages]") {
  WorkerFixture fixture;
  for (const char* number : {"1e400", "-0", "1.50", "123456789012345678901234567890", "1E-999"}) {
    CAPTURE(number);
    const std::string data = fmt::format(R"({{ "n" : {}, "list": [ {} ] }})", number, number);
    CHECK(send(fixture, "reviewer", note_to("coder", R"(,"data":)" + data)).status == 201);
    CHECK(fixture.messages("coder").back().find(fmt::format(R"("data":{{"n":{},"list":[{}]}})",
                                                            number, number)) != std::string::npos);
  }
  // Under one key 1e400 and 1e401 are two requests.
  CHECK(send(fixture, "coder", note_to("reviewer", R"(,"data":{"n":1e400})"), "k").status == 201);
  CHECK(send(fixture, "coder", note_to("reviewer", R"(, "data": {"n": 1e400})"), "k").status ==
        200);
  CHECK(send(fixture, "coder", note_to("reviewer", R"(,"data":{"n":1e401})"), "k").status == 422);
}

TEST_CASE("an unknown recipient or kind is told with those that there are", "[messages]") {
  WorkerFixture fixture;
  const Response to = send(fixture, "reviewer", note_to("codr"));
  CHECK(member(to, "detail") ==
        "nobody is called 'codr'; did you mean 'coder'? (known: reviewer, coder, topic:all)");
  const Response kind = send(fixture, "ops", R"({"to":"coder","kind":"task"})");
  CHECK(member(kind, "detail").find("unknown kind 'task' (known: event, assign, ") == 0);
}

TEST_CASE("a topic reaches who listens to it in the caller's namespace", "[messages]") {
  WorkerFixture fixture;
  CHECK(send(fixture, "reviewer", note_to("topic:all")).status == 201);
  CHECK(fixture.counts("reviewer").ready == 1);
  CHECK(fixture.counts("coder").ready == 1);
  CHECK(fixture.counts("painter", "blue").ready == 0);
  CHECK(send(fixture, "painter", note_to("topic:all")).status == 201);
  CHECK(fixture.counts("painter", "blue").ready == 1);
}

TEST_CASE("a send that is not allowed has its reason and leaves nothing behind", "[messages]") {
  struct Row {
    std::string who;
    std::string body;
    unsigned status;
    std::string reason;
  };
  const std::vector<Row> rows{
      {"reviewer", note_to("nobody"), 404, "unknown_recipient"},
      {"reviewer", note_to("painter"), 404, "unknown_recipient"},
      {"reviewer", note_to("topic:none"), 404, "unknown_recipient"},
      {"reviewer", R"({"to":"coder","kind":"control"})", 403, "forbidden"},
      {"reviewer", R"({"to":"coder","kind":"evidence"})", 403, "forbidden"},
      {"ops", R"({"to":"coder","kind":"evidence"})", 403, "forbidden"},
      {"reviewer", R"({"to":"coder","kind":"none"})", 400, "invalid_argument"},
      {"reviewer", R"({"kind":"note"})", 400, "invalid_argument"},
      {"reviewer", note_to("coder", R"(,"work":"w_short")"), 400, "invalid_argument"},
      {"reviewer", note_to("coder", R"(,"task":"Not a task")"), 400, "invalid_argument"},
      {"reviewer", note_to("coder", R"(,"cause":"m_unknown")"), 404, "not_found"},
      {"ops", note_to("coder", R"(,"cause":"m_unknown")"), 400, "invalid_argument"},
      {"reviewer", note_to("coder", R"(,"data":[])"), 400, "invalid_argument"},
      {"reviewer", "{", 400, "malformed_body"},
      {"reviewer", "[]", 400, "malformed_body"},
  };
  WorkerFixture fixture;
  for (const Row& row : rows) {
    CAPTURE(row.body);
    const Response response = send(fixture, row.who, row.body);
    CHECK(response.status == row.status);
    CHECK(member(response, "reason") == row.reason);
  }
  CHECK(fixture.counts("coder").ready == 0);
}

TEST_CASE("an operator writes into any namespace", "[messages]") {
  WorkerFixture fixture;
  CHECK(send(fixture, "ops", note_to("painter")).status == 201);
  CHECK(fixture.counts("painter", "blue").ready == 1);
  CHECK(send(fixture, "ops", R"({"to":"coder","kind":"control"})").status == 201);
}

TEST_CASE("data, names and keys have bounds", "[messages]") {
  WorkerFixture fixture;
  const auto with_data = [&](std::size_t bytes) {  // {"d":"…"} has 8 bytes around its text
    return send(fixture, "reviewer",
                note_to("coder", R"(,"data":{"d":")" + std::string(bytes - 8, 'x') + "\"}"))
        .status;
  };
  CHECK(with_data(64 * 1024) == 201);
  CHECK(with_data(64 * 1024 + 1) == 400);
  const auto with_work = [&](std::size_t bytes) {
    return send(fixture, "reviewer",
                note_to("coder", R"(,"work":")" + std::string(bytes, 'x') + "\""))
        .status;
  };
  CHECK(with_work(255) == 201);
  CHECK(with_work(256) == 400);
  CHECK(send(fixture, "reviewer", note_to("coder"), std::string(255, 'k')).status == 201);
  CHECK(send(fixture, "reviewer", note_to("coder"), std::string(256, 'k')).status == 400);
}

TEST_CASE("the same key is answered as before, another request under it refused", "[messages]") {
  WorkerFixture fixture;
  const Response first = send(fixture, "reviewer", note_to("coder"), "key");
  const Response again = send(fixture, "reviewer", note_to("coder"), "key");
  CHECK(first.status == 201);
  CHECK(again.status == 200);
  CHECK(again.body == first.body);
  const Response other = send(fixture, "reviewer", note_to("reviewer"), "key");
  CHECK(other.status == 422);
  CHECK(member(other, "reason") == "idempotency_conflict");
  CHECK(fixture.counts("coder").ready == 1);
  CHECK(fixture.sent(MessageKind::note) == 1);
  // Another caller's key is another key.
  CHECK(send(fixture, "coder", note_to("coder"), "key").status == 201);
}

TEST_CASE("messages because of each other end at 64 hops", "[messages]") {
  WorkerFixture fixture;
  std::string cause;
  int sent = 0;
  Response response;
  while (sent < 100) {
    response = send(fixture, "reviewer",
                    note_to("reviewer", cause.empty() ? "" : ",\"cause\":\"" + cause + "\""));
    if (response.status != 201) break;
    ++sent;
    const std::size_t at = response.body.find("\"id\":\"") + 6;
    cause = response.body.substr(at, response.body.find('"', at) - at);
  }
  CHECK(sent == 65);  // the first has none before it
  CHECK(response.status == 409);
  CHECK(member(response, "reason") == "too_many_hops");
}

TEST_CASE("a full mailbox is named, and a lost reply does not send twice", "[messages]") {
  WorkerFixture full{"mailboxes: {max_messages: 1}\n"};
  CHECK(send(full, "ops", note_to("coder")).status == 201);
  const Response refused = send(full, "ops", note_to("coder"));
  CHECK(refused.status == 503);
  CHECK(member(refused, "reason") == "mailbox_full");
  CHECK(member(refused, "detail") == "mailbox 'coder' is full");

  WorkerFixture fixture;
  fixture.weather.failure = Error{Reason::store_unavailable, "away"};
  fixture.weather.carries_out = true;
  CHECK(send(fixture, "reviewer", note_to("coder"), "key").status == 503);
  fixture.weather.failure.reset();
  CHECK(send(fixture, "reviewer", note_to("coder"), "key").status == 200);
  CHECK(fixture.counts("coder").ready == 1);
}

TEST_CASE("agents fill a half of a mailbox, one of them a quarter, and operators the rest",
          "[messages]") {
  WorkerFixture fixture{"mailboxes: {max_messages: 8}\n"};
  const auto refused = [&](const std::string& sender) {
    const Response response = send(fixture, sender, note_to("coder"));
    if (response.status == 201) return std::string{};
    CHECK(response.status == 503);
    CHECK(member(response, "reason") == "mailbox_full");
    return member(response, "detail");
  };
  CHECK(refused("reviewer").empty());
  CHECK(refused("reviewer").empty());
  CHECK(refused("reviewer") ==
        "mailbox 'coder' holds all that one agent may have in it: a quarter");
  CHECK(refused("coder").empty());
  CHECK(refused("coder").empty());
  CHECK(refused("coder") == "mailbox 'coder' is half full, and the rest is kept for rules");
  for (int i = 0; i < 4; ++i) CHECK(refused("ops").empty());
  CHECK(refused("ops") == "mailbox 'coder' is full");
}

}  // namespace signalbox
