// Calls of the HTTP API (docs/API.md) as a command makes them: JSON in and out, problems as
// failures.
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

class ApiClient {
 public:
  explicit ApiClient(Caller caller) : caller_{std::move(caller)} {}

  // usage for a wrong URL, not_reachable without an answer. Every answer, refusals too, is a value.
  Attempt<ApiAnswer> get(const std::string& target, Milliseconds timeout = call_timeout) const;
  Attempt<ApiAnswer> post(const std::string& target, const boost::json::value& body,
                          Milliseconds timeout = call_timeout,
                          const std::string& idempotency_key = {}) const;

  // "/v1/inbox" with `?agent=` where the token does not say whose mailbox is meant.
  std::string mailbox_target(std::string_view path) const;

  const Caller& caller() const noexcept { return caller_; }

 private:
  Attempt<ApiAnswer> call(HttpCall call, Milliseconds timeout) const;
  Caller caller_;
};

// Reads JSON of any depth that the gateway sends; null for what is no JSON.
boost::json::value parse_json_value(std::string_view text);

// What a refusal says: "401 unauthorized: A valid bearer token is needed."
std::string describe_problem(const ApiAnswer& answer);

// claim_lost for receipts that no longer hold their messages, refused for every other problem.
ExitCode exit_code_of(const ApiAnswer& answer);

// Members of a JSON object as commands show them; empty where missing or of another type.
std::string text_of(const boost::json::value& object, std::string_view key);
std::int64_t number_of(const boost::json::value& object, std::string_view key);
const boost::json::value& member_of(const boost::json::value& object, std::string_view key);
const boost::json::array& array_of(const boost::json::value& object, std::string_view key);

}  // namespace signalbox
