// Calls of the HTTP API (docs/API.md) as a command makes them: JSON in and out, problems as
// values.
#pragma once

#include <boost/json/value.hpp>
#include <string>

#include "gateway/cli/client/http_client.hpp"
#include "gateway/cli/client/settings.hpp"

namespace signalbox {

inline constexpr Milliseconds call_timeout = std::chrono::seconds{30};

struct ApiAnswer {
  unsigned status = 0;
  std::string text;         // the body as it came
  boost::json::value json;  // null where it was no JSON

  bool good() const noexcept { return status >= 200 && status < 300; }
};

// A call without what the caller adds to it.
struct ApiCall {
  std::string method = "GET";
  std::string path = "/";      // encoded, without a query
  HttpFields parameters{};     // of the query, not encoded; in this order
  bool about_mailbox = false;  // "/v1/inbox…": an operator's token does not say whose it is
  boost::json::value body{};   // null: none
  std::string body_text{};     // instead: JSON whose numbers stay as they are spelled
  std::string idempotency_key{};
  std::string accept = "application/json";
  Milliseconds timeout = call_timeout;
};

// Every call has the caller's token, and behind its own parameters `agent`, where it is about a
// mailbox and the token may not say whose, and `namespace`, where the caller named one. So neither
// stands among the parameters of a call, but for an operator's call about a mailbox by name.
class ApiClient {
 public:
  explicit ApiClient(Caller caller) : caller_{std::move(caller)} {}

  // usage for a wrong URL, not_reachable without an answer, or for a good one that is no JSON.
  // Every other answer, refusals too, is a value.
  CommandResult<ApiAnswer> call(const ApiCall& call) const;

  // The same as it is sent, for who reads the answer piece by piece.
  HttpCall request_of(const ApiCall& call) const;

  const Caller& caller() const noexcept { return caller_; }

 private:
  Caller caller_;
};

// What a refusal says: "401 unauthorized: A valid bearer token is needed."
std::string describe_problem(const ApiAnswer& answer);

// claim_lost for receipts that no longer hold their messages, refused for every other problem.
ExitCode exit_code_of(const ApiAnswer& answer);

}  // namespace signalbox
