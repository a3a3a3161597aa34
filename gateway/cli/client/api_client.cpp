#include "gateway/cli/client/api_client.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json/serialize.hpp>
#include <cassert>

#include "gateway/cli/screen/json_members.hpp"

namespace signalbox {
namespace {

void add_parameter(std::string& target, std::string_view name, std::string_view text) {
  const char before = target.find('?') == std::string::npos ? '?' : '&';
  target += fmt::format("{}{}={}", before, name, url_encode(text));
}

// The server speaks of parameters; who typed a command has options.
std::string in_words_of_commands(std::string text) {
  for (const auto& [parameter, option] :
       {std::pair<std::string_view, std::string_view>{"?agent=", "--agent"},
        {"?namespace=", "--namespace"}}) {
    for (std::size_t at = 0; (at = text.find(parameter, at)) != std::string::npos;) {
      text.replace(at, parameter.size(), option);
    }
  }
  return text;
}

[[maybe_unused]] bool names(const ApiCall& call, std::string_view parameter) {
  return std::any_of(call.parameters.begin(), call.parameters.end(),
                     [&](const auto& given) { return given.first == parameter; });
}

}  // namespace

HttpCall ApiClient::request_of(const ApiCall& call) const {
  assert(call.path.find('?') == std::string::npos);
  HttpCall request;
  request.method = call.method;
  request.target = call.path;
  for (const auto& [name, text] : call.parameters) add_parameter(request.target, name, text);
  if (call.about_mailbox && caller_.name_agent) {
    assert(!names(call, "agent"));
    add_parameter(request.target, "agent", caller_.agent);
  }
  if (!caller_.space.empty()) {
    assert(!names(call, "namespace"));
    add_parameter(request.target, "namespace", caller_.space);
  }
  if (!call.body.is_null() || !call.body_text.empty()) {
    request.headers.emplace_back("Content-Type", "application/json");
    request.body = call.body_text.empty() ? boost::json::serialize(call.body) : call.body_text;
  }
  if (!call.idempotency_key.empty()) {
    request.headers.emplace_back("Idempotency-Key", call.idempotency_key);
  }
  request.headers.emplace_back("Authorization", "Bearer " + caller_.token);
  request.headers.emplace_back("Accept", call.accept);
  return request;
}

CommandResult<ApiAnswer> ApiClient::call(const ApiCall& call) const {
  const auto server = parse_base_url(caller_.url);
  if (!server) return server.error();
  auto answer = http_call(*server, request_of(call), call.timeout, caller_.trust);
  if (!answer) return answer.error();
  ApiAnswer result;
  result.status = answer->status;
  result.json = parse_json_value(answer->body);
  result.text = std::move(answer->body);
  if (result.good() && result.json.is_null()) {
    return Failure{ExitCode::not_reachable,
                   fmt::format("{} answered {} with what is no JSON", caller_.url, result.status),
                   "is that the address of a gateway's private listener (api.listen)?"};
  }
  return result;
}

std::string describe_problem(const ApiAnswer& answer) {
  const std::string reason = text_of(answer.json, "reason");
  const std::string title = text_of(answer.json, "title");
  const std::string detail = text_of(answer.json, "detail");
  std::string text = std::to_string(answer.status);
  if (!reason.empty()) text += " " + reason;
  if (!title.empty()) text += ": " + title;
  if (!detail.empty()) text += " (" + in_words_of_commands(detail) + ")";
  return text;
}

ExitCode exit_code_of(const ApiAnswer& answer) {
  if (answer.good()) return ExitCode::good;
  return text_of(answer.json, "reason") == "receipt_expired" ? ExitCode::claim_lost
                                                             : ExitCode::refused;
}

}  // namespace signalbox
