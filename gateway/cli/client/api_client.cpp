#include "gateway/cli/client/api_client.hpp"

#include <fmt/format.h>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "event/json.hpp"

namespace signalbox {

namespace json = boost::json;

namespace {

void add_parameter(std::string& target, std::string_view name, std::string_view text) {
  const char before = target.find('?') == std::string::npos ? '?' : '&';
  target += fmt::format("{}{}={}", before, name, url_encode(text));
}

}  // namespace

Attempt<ApiAnswer> ApiClient::get(const std::string& target, Milliseconds timeout) const {
  HttpCall call;
  call.target = target;
  return this->call(std::move(call), timeout);
}

Attempt<ApiAnswer> ApiClient::post(const std::string& target, const json::value& body,
                                   Milliseconds timeout, const std::string& idempotency_key) const {
  HttpCall call;
  call.method = "POST";
  call.target = target;
  call.headers.emplace_back("Content-Type", "application/json");
  if (!idempotency_key.empty()) call.headers.emplace_back("Idempotency-Key", idempotency_key);
  call.body = json::serialize(body);
  return this->call(std::move(call), timeout);
}

Attempt<ApiAnswer> ApiClient::call(HttpCall call, Milliseconds timeout) const {
  const auto server = parse_base_url(caller_.url);
  if (!server) return server.error();
  if (!caller_.space.empty()) add_parameter(call.target, "namespace", caller_.space);
  call.headers.emplace_back("Authorization", "Bearer " + caller_.token);
  call.headers.emplace_back("Accept", "application/json");
  auto answer = http_call(*server, call, timeout, caller_.trust);
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

std::string ApiClient::mailbox_target(std::string_view path) const {
  std::string target{path};
  if (!caller_.name_agent) return target;
  add_parameter(target, "agent", caller_.agent);
  return target;
}

json::value parse_json_value(std::string_view text) {
  json::parse_options options;
  options.max_depth = json_depth_max;
  boost::system::error_code failed;
  json::value value = json::parse({text.data(), text.size()}, failed, {}, options);
  return failed ? json::value{} : value;
}

std::string describe_problem(const ApiAnswer& answer) {
  const std::string reason = text_of(answer.json, "reason");
  const std::string title = text_of(answer.json, "title");
  const std::string detail = text_of(answer.json, "detail");
  std::string text = std::to_string(answer.status);
  if (!reason.empty()) text += " " + reason;
  if (!title.empty()) text += ": " + title;
  if (!detail.empty()) text += " (" + detail + ")";
  return text;
}

ExitCode exit_code_of(const ApiAnswer& answer) {
  if (answer.good()) return ExitCode::good;
  return text_of(answer.json, "reason") == "receipt_expired" ? ExitCode::claim_lost
                                                             : ExitCode::refused;
}

const json::value& member_of(const json::value& object, std::string_view key) {
  static const json::value missing;
  const json::object* fields = object.if_object();
  if (fields == nullptr) return missing;
  const json::value* found = fields->if_contains({key.data(), key.size()});
  return found == nullptr ? missing : *found;
}

std::string text_of(const json::value& object, std::string_view key) {
  const json::string* text = member_of(object, key).if_string();
  return text == nullptr ? std::string{} : std::string{text->data(), text->size()};
}

std::int64_t number_of(const json::value& object, std::string_view key) {
  const json::value& value = member_of(object, key);
  if (const auto* number = value.if_int64()) return *number;
  return 0;
}

const json::array& array_of(const json::value& object, std::string_view key) {
  static const json::array empty;
  const json::array* found = member_of(object, key).if_array();
  return found == nullptr ? empty : *found;
}

}  // namespace signalbox
