// send: a message to a mailbox or a topic.
#include <fmt/format.h>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "event/message.hpp"
#include "gateway/cli/commands.hpp"
#include "rules/source/diagnostic.hpp"

namespace signalbox {
namespace {

namespace json = boost::json;

constexpr std::size_t data_bytes_max = std::size_t{1024} * 1024;
constexpr std::array<std::string_view, 10> kinds{"event",   "assign",  "progress", "help",
                                                 "answer",  "handoff", "evidence", "decision",
                                                 "control", "note"};

// The JSON object of --data and --summary together.
Attempt<json::object> read_data(const SendOptions& options) {
  json::object data;
  if (!options.data.empty()) {
    const auto text = read_argument(options.data, data_bytes_max);
    if (!text) return text.error();
    const json::value parsed = parse_json_value(*text);
    if (!parsed.is_object()) {
      return Failure{ExitCode::usage, "--data must be a JSON object, @file or -", {}};
    }
    data = parsed.as_object();
  }
  if (!options.summary.empty()) data["summary"] = options.summary;
  return data;
}

Attempt<json::object> make_body(const SendOptions& options) {
  if (!parse_message_kind(options.kind)) {
    return Failure{
        ExitCode::usage,
        fmt::format("unknown kind '{}'{}", options.kind, did_you_mean(options.kind, kinds)),
        {}};
  }
  auto data = read_data(options);
  if (!data) return data.error();
  json::object body{{"to", options.to}, {"kind", options.kind}, {"data", std::move(*data)}};
  if (!options.work.empty()) body["work"] = options.work;
  if (!options.task.empty()) body["task"] = options.task;
  if (!options.cause.empty()) body["cause"] = options.cause;
  return body;
}

}  // namespace

ExitCode run_send(Invocation& invocation, const SendOptions& options) {
  const auto body = make_body(options);
  if (!body) return fail(invocation, body.error());
  const auto client = find_client(invocation, call_as_either(options.agent, options.space));
  if (!client) return fail(invocation, client.error());
  const auto answer = client->post("/v1/messages", *body, call_timeout, options.idempotency_key);
  if (!answer) return fail(invocation, answer.error());
  if (!answer->good()) return refuse(invocation, *answer);
  Terminal& terminal = invocation.terminal;
  if (invocation.common.json) {
    terminal.json(answer->text);
    return ExitCode::good;
  }
  // 200 rather than 201: this idempotency key was here before, and nothing was sent again.
  const std::string word = answer->status == 200 ? "already sent" : "sent";
  for (const json::value& message : array_of(answer->json, "messages")) {
    terminal.line(fmt::format("{}  {}  to {}", terminal.styled(word, Style::good),
                              terminal.styled(text_of(message, "id"), Style::bold),
                              printable(text_of(message, "mailbox"))));
  }
  return ExitCode::good;
}

}  // namespace signalbox
