// What a call is sent as, and what its answers mean.
#include <catch2/catch.hpp>

#include "gateway/cli/client/api_client.hpp"
#include "gateway/cli/screen/json_members.hpp"

namespace signalbox {
namespace {

Caller some_caller() {
  Caller caller;
  caller.url = "http://gateway:1";
  caller.token = "a-token";
  return caller;
}

std::string header_of(const HttpCall& call, std::string_view name) {
  std::string found;
  for (const auto& [key, text] : call.headers) {
    if (key == name) found += text + ";";
  }
  return found;
}

TEST_CASE("parameters are encoded, in their order", "[cli][api]") {
  const HttpCall sent = ApiClient{some_caller()}.request_of(
      {.path = "/v1/events", .parameters = {{"max", "3"}, {"rule", "a b&c"}}});
  CHECK(sent.method == "GET");
  CHECK(sent.target == "/v1/events?max=3&rule=a%20b%26c");
  CHECK(sent.body.empty());
  CHECK(header_of(sent, "Authorization") == "Bearer a-token;");
  CHECK(header_of(sent, "Accept") == "application/json;");
  CHECK(header_of(sent, "Content-Type").empty());
}

TEST_CASE("the namespace and the agent that the caller named are added once", "[cli][api]") {
  Caller caller = some_caller();
  caller.space = "team a";
  caller.agent = "reviewer";
  const ApiCall mailbox{.path = "/v1/inbox", .about_mailbox = true};
  CHECK(ApiClient{caller}.request_of(mailbox).target == "/v1/inbox?namespace=team%20a");
  caller.name_agent = true;
  CHECK(ApiClient{caller}.request_of(mailbox).target ==
        "/v1/inbox?agent=reviewer&namespace=team%20a");
  CHECK(ApiClient{caller}.request_of({.path = "/v1/rules"}).target ==
        "/v1/rules?namespace=team%20a");
  caller.space.clear();
  CHECK(ApiClient{caller}.request_of({.path = "/v1/rules"}).target == "/v1/rules");
}

TEST_CASE("a body and an idempotency key are sent where there are any", "[cli][api]") {
  ApiCall call{.method = "POST", .path = "/v1/messages"};
  call.body = boost::json::object{};
  call.idempotency_key = "k";
  const HttpCall sent = ApiClient{some_caller()}.request_of(call);
  CHECK(sent.body == "{}");
  CHECK(header_of(sent, "Content-Type") == "application/json;");
  CHECK(header_of(sent, "Idempotency-Key") == "k;");
}

TEST_CASE("statuses from 200 to 299 are good, and a lost receipt has a code of its own",
          "[cli][api][limits]") {
  const auto code_of = [](unsigned status, std::string_view body) {
    return exit_code_of({status, "", parse_json_value(body)});
  };
  CHECK(code_of(200, "{}") == ExitCode::good);
  CHECK(code_of(299, "{}") == ExitCode::good);
  CHECK(code_of(199, "{}") == ExitCode::refused);
  CHECK(code_of(300, "{}") == ExitCode::refused);
  CHECK(code_of(409, R"({"reason":"receipt_expired"})") == ExitCode::claim_lost);
}

}  // namespace
}  // namespace signalbox
