// What calls share: whose mailbox, which namespace, and members of bodies within their bounds.
#include "gateway/api/call.hpp"

#include <boost/json/parse.hpp>
#include <catch2/catch.hpp>

#include "tests/gateway/api/call_fixture.hpp"

namespace signalbox::api {
namespace {

boost::json::object object_of(std::string_view text) {
  return boost::json::parse(boost::json::string_view{text.data(), text.size()}).as_object();
}

// "ok", or the reason and the detail of what is refused.
template <class T>
std::string outcome(const Result<T>& result) {
  if (result) return "ok";
  return std::string{describe(result.error().reason).name} + ": " + result.error().detail;
}

std::string outcome(const std::optional<Error>& error) {
  return error ? std::string{describe(error->reason).name} : "ok";
}

}  // namespace

TEST_CASE("a whole number is taken within its bounds") {
  const auto read = [](std::string_view text) {
    return outcome(integer_member(object_of(text), "max", 7, 1, 100));
  };
  const std::string refused = "invalid_argument: 'max' must be a whole number from 1 to 100";
  CHECK(*integer_member(object_of("{}"), "max", 7, 1, 100) == 7);
  CHECK(*integer_member(object_of(R"({"max":1})"), "max", 7, 1, 100) == 1);
  CHECK(*integer_member(object_of(R"({"max":100})"), "max", 7, 1, 100) == 100);
  for (const char* text :
       {R"({"max":0})", R"({"max":101})", R"({"max":-1})", R"({"max":1.0})", R"({"max":"1"})",
        R"({"max":null})", R"({"max":true})", R"({"max":18446744073709551615})"}) {
    INFO(text);
    CHECK(read(text) == refused);
  }
}

TEST_CASE("a duration is taken within its bounds") {
  const auto member = [](std::string_view text) {
    return duration_member(object_of(text), "wait", Milliseconds{7}, Milliseconds{1'000},
                           Milliseconds{60'000});
  };
  CHECK(*member("{}") == Milliseconds{7});
  CHECK(*member(R"({"wait":"1s"})") == Milliseconds{1'000});
  CHECK(*member(R"({"wait":"1000ms"})") == Milliseconds{1'000});
  CHECK(*member(R"({"wait":"1m"})") == Milliseconds{60'000});
  for (const char* text :
       {R"({"wait":"999ms"})", R"({"wait":"60001ms"})", R"({"wait":"61s"})", R"({"wait":30})",
        R"({"wait":""})", R"({"wait":"s"})", R"({"wait":null})"}) {
    INFO(text);
    CHECK(outcome(member(text)) == "invalid_argument: 'wait' must be a duration from 1s to 1m");
  }
}

TEST_CASE("a text that is needed is there, a text, and not empty") {
  const auto member = [](std::string_view text) { return text_member(object_of(text), "to"); };
  CHECK(*member(R"({"to":"x"})") == "x");
  for (const char* text : {"{}", R"({"to":""})", R"({"to":1})", R"({"to":["x"]})"}) {
    INFO(text);
    CHECK(outcome(member(text)) == "invalid_argument: 'to' is needed, as text");
  }
}

TEST_CASE("a list of texts has at least one and at most so many") {
  const auto member = [](std::string_view text) {
    return texts_member(object_of(text), "receipts", 3);
  };
  CHECK(*member(R"({"receipts":["a"]})") == std::vector<std::string>{"a"});
  CHECK(*member(R"({"receipts":["a","b","c"]})") == std::vector<std::string>{"a", "b", "c"});
  for (const char* text :
       {"{}", R"({"receipts":[]})", R"({"receipts":["a","b","c","d"]})", R"({"receipts":"a"})"}) {
    INFO(text);
    CHECK(outcome(member(text)) == "invalid_argument: 'receipts' must be a list of 1 to 3 texts");
  }
  CHECK(outcome(member(R"({"receipts":["a",1]})")) ==
        "invalid_argument: 'receipts' must be a list of texts");
}

TEST_CASE("a whole number in the query is taken within its bounds") {
  Calls calls;
  const auto read = [&](const std::string& query) {
    return integer_parameter(calls.make("ops", "/v1/inbox" + query), "max", 7, 1, 100);
  };
  CHECK(*read("") == 7);
  CHECK(*read("?max=1") == 1);
  CHECK(*read("?max=100") == 100);
  CHECK(*read("?max=%31") == 1);
  for (const char* query : {"?max=0", "?max=101", "?max=", "?max=+1", "?max=1x", "?max=%201",
                            "?max=-1", "?max=99999999999999999999"}) {
    INFO(query);
    CHECK(outcome(read(query)) == "invalid_argument: 'max' must be a whole number from 1 to 100");
  }
}

TEST_CASE("an idempotency key has 1 to 255 characters") {
  Calls calls;
  const auto key = [&](const std::string& value) {
    const auto read =
        idempotency_key(calls.make("ops", "/v1/messages", {}, {{"Idempotency-Key", value}}));
    return read ? *read : "refused: " + read.error().detail;
  };
  const std::string refused = "refused: Idempotency-Key has 1 to 255 characters";
  CHECK(*idempotency_key(calls.make("ops", "/v1/messages")) == "");
  CHECK(key("k") == "k");
  CHECK(key(std::string(255, 'k')) == std::string(255, 'k'));
  CHECK(key(std::string(256, 'k')) == refused);
  CHECK(key("") == refused);
  const auto twice = idempotency_key(
      calls.make("ops", "/v1/messages", {}, {{"Idempotency-Key", "a"}, {"idempotency-key", "b"}}));
  CHECK_FALSE(twice.has_value());
}

TEST_CASE("a body is an object of known members, at most 32 deep") {
  Calls calls;
  const auto read = [&](std::string body) {
    return body_object(calls.make("ops", "/v1/messages", std::move(body)), {"data", "summary"});
  };
  const auto nested = [](std::size_t depth) {
    return R"({"data":)" + std::string(depth - 1, '[') + std::string(depth - 1, ']') + "}";
  };
  CHECK(read("")->empty());
  CHECK(read("{}")->empty());
  CHECK(read(R"({"data":1,"summary":2})")->size() == 2);
  CHECK(read(nested(32)).has_value());
  CHECK(outcome(read(nested(33))) == "malformed_body: the body is not valid JSON");
  CHECK(outcome(read("{")) == "malformed_body: the body is not valid JSON");
  CHECK(outcome(read("{} {}")) == "malformed_body: the body is not valid JSON");
  CHECK(outcome(read("[]")) == "malformed_body: the body must be a JSON object");
  CHECK(outcome(read(R"({"sumary":1})")) ==
        "invalid_argument: unknown member 'sumary'; did you mean 'summary'?");
}

TEST_CASE("an agent's mailbox is its own, an operator names one") {
  Calls calls;
  const auto mailbox = [&](const std::string& who, const std::string& query) {
    Call& call = calls.make(who, "/v1/inbox" + query);
    REQUIRE_FALSE(choose_space(call));
    const auto found = mailbox_of(call);
    return found ? *found : outcome(found);
  };
  const std::string known = " (known: reviewer, coder, painter)";
  CHECK(mailbox("reviewer", "") == "reviewer");
  CHECK(mailbox("reviewer", "?agent=reviewer") == "reviewer");
  CHECK(mailbox("reviewer", "?agent=coder") == "forbidden: an agent sees its own mailbox only");
  CHECK(mailbox("reviewer", "?agent=dead:reviewer") ==
        "forbidden: an agent sees its own mailbox only");
  CHECK(mailbox("ops", "?agent=coder") == "coder");
  CHECK(mailbox("ops", "?agent=painter") == "painter");
  CHECK(mailbox("ops", "?agent=dead:coder") == "dead:coder");
  CHECK(mailbox("ops", "") == "invalid_argument: an operator names a mailbox with ?agent=" + known);
  CHECK(mailbox("ops", "?agent=nobody") ==
        "not_found: no agent of this name is configured" + known);
  CHECK(mailbox("ops", "?agent=revewer") ==
        "not_found: no agent of this name is configured; did you mean 'reviewer'?" + known);
  // In another namespace it is nobody's.
  CHECK(mailbox("ops", "?namespace=main&agent=painter") ==
        "not_found: no agent of this name is configured; did you mean 'painter'?" + known);
}

TEST_CASE("a call acts in the caller's namespace, an operator's in the one that is meant") {
  Calls calls;
  const auto space = [&](const std::string& who, const std::string& query) {
    Call& call = calls.make(who, "/v1/events" + query);
    const auto wrong = choose_space(call);
    if (wrong) return outcome(wrong);
    CHECK(call.store != nullptr);
    return call.space;
  };
  CHECK(space("reviewer", "") == "main");
  CHECK(space("painter", "") == "blue");
  CHECK(space("painter", "?namespace=main") == "blue");
  CHECK(space("ops", "") == "main");
  CHECK(space("ops", "?namespace=blue") == "blue");
  CHECK(space("ops", "?namespace=green") == "not_found");
  CHECK(space("ops", "?agent=painter") == "blue");
  CHECK(space("ops", "?agent=dead:painter") == "blue");
  CHECK(space("ops", "?agent=nobody") == "main");
  CHECK(calls.stores_made() == std::vector<std::string>{"blue"});  // each is made once
}

TEST_CASE("a call that waits lets go of its request and of what it knew of it") {
  struct Memory final : RequestMemory {
    void let_go() override { ++times; }
    int times = 0;
  } memory;
  Calls calls;
  Call& call = calls.make("reviewer", "/v1/inbox/receive");
  call.let_go();  // the caller's memory stays
  CHECK(call.parts.empty());
  Request request;
  request.memory = &memory;
  Call held{request, call.setting, call.runtime, nullptr, {"v1"}};
  held.let_go();
  CHECK(held.parts.empty());
  CHECK(memory.times == 1);
}

}  // namespace signalbox::api
