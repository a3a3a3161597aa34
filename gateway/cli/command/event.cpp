// event, replay: one event of the archive, and deciding it anew.
#include <fmt/format.h>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include "gateway/cli/commands.hpp"
#include "gateway/cli/screen/view_events.hpp"

namespace signalbox {

namespace json = boost::json;

ExitCode run_event(Invocation& invocation, const EventOptions& options) {
  const auto client = find_client(invocation, call_as_either(options.agent, options.space));
  if (!client) return fail(invocation, client.error());
  const auto answer = client->get("/v1/events/" + url_encode(options.id));
  if (!answer) return fail(invocation, answer.error());
  if (!answer->good()) return refuse(invocation, *answer);
  Terminal& terminal = invocation.terminal;
  const json::value& body = member_of(answer->json, "body");
  if (options.body) {
    if (body.is_null()) {
      return fail(invocation, {ExitCode::refused, "the body of this event is no longer kept", {}});
    }
    terminal.json(json::serialize(body));
    return ExitCode::good;
  }
  if (invocation.common.json) {
    terminal.json(answer->text);
    return ExitCode::good;
  }
  show_event(terminal, answer->json, invocation.now);
  terminal.line();
  const std::string flag = namespace_flag(options.space);
  terminal.hint(fmt::format("signalbox explain {}{}", options.id, flag));
  if (!body.is_null()) terminal.hint(fmt::format("signalbox event {} --body{}", options.id, flag));
  return ExitCode::good;
}

ExitCode run_replay(Invocation& invocation, const ReplayOptions& options) {
  const auto client = find_client(invocation, call_as_operator(options.space));
  if (!client) return fail(invocation, client.error());
  json::object body;
  if (options.dry_run) body["dry_run"] = true;
  if (!options.rules.empty()) {
    json::array rules;
    for (const std::string& rule : options.rules) rules.emplace_back(rule);
    body["rules"] = std::move(rules);
  }
  const auto answer = client->post(fmt::format("/v1/events/{}/replay", url_encode(options.id)),
                                   body, call_timeout, options.idempotency_key);
  if (!answer) return fail(invocation, answer.error());
  if (!answer->good()) return refuse(invocation, *answer);
  if (invocation.common.json) {
    invocation.terminal.json(answer->text);
  } else {
    show_replay(invocation.terminal, answer->json, options.dry_run);
  }
  // Who replays wants messages: none is worth a look.
  return array_of(answer->json, "messages").empty() ? ExitCode::refused : ExitCode::good;
}

}  // namespace signalbox
