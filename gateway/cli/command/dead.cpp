// dead, redrive: messages that were given out too often, and their way back.
#include <fmt/format.h>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "gateway/cli/commands.hpp"
#include "gateway/cli/screen/view.hpp"

namespace signalbox {
namespace {

namespace json = boost::json;

void show_ids(Terminal& terminal, const json::value& answer, std::string_view list,
              std::string_view word, Style style) {
  for (const json::value& id : array_of(answer, list)) {
    terminal.line(fmt::format("{}  {}", terminal.styled(word, style),
                              printable(id.is_string() ? id.as_string().c_str() : "")));
  }
}

}  // namespace

ExitCode run_dead(Invocation& invocation, const DeadOptions& options) {
  const auto client = find_client(invocation, call_as_agent(options.agent));
  if (!client) return fail(invocation, client.error());
  const auto answer =
      client->get(client->mailbox_target(fmt::format("/v1/inbox/dead?max={}", options.max)));
  if (!answer) return fail(invocation, answer.error());
  if (!answer->good()) return refuse(invocation, *answer);
  Terminal& terminal = invocation.terminal;
  if (invocation.common.json) {
    terminal.json(answer->text);
    return ExitCode::good;
  }
  show_dead(terminal, answer->json, invocation.now);
  if (number_of(answer->json, "dead") > 0) {
    terminal.line();
    terminal.hint("signalbox redrive" + (options.agent.empty() ? "" : " --agent " + options.agent));
  }
  return ExitCode::good;
}

ExitCode run_redrive(Invocation& invocation, const RedriveOptions& options) {
  const auto client = find_client(invocation, call_as_agent(options.agent));
  if (!client) return fail(invocation, client.error());
  json::object body;
  if (options.max > 0) body["max"] = options.max;
  if (!options.messages.empty()) {
    json::array messages;
    for (const std::string& id : options.messages) messages.emplace_back(id);
    body["messages"] = std::move(messages);
  }
  const auto answer = client->post(client->mailbox_target("/v1/inbox/redrive"), body);
  if (!answer) return fail(invocation, answer.error());
  Terminal& terminal = invocation.terminal;
  const bool missing = !array_of(answer->json, "missing").empty();
  if (!invocation.common.json) {
    show_ids(terminal, answer->json, "moved", "moved", Style::good);
    show_ids(terminal, answer->json, "missing", "no dead letter", Style::bad);
  }
  if (!answer->good()) return refuse(invocation, *answer);
  if (invocation.common.json) {
    terminal.json(answer->text);
  } else {
    terminal.line(fmt::format("{} moved, {} left", array_of(answer->json, "moved").size(),
                              number_of(answer->json, "remaining")));
  }
  return missing ? ExitCode::refused : ExitCode::good;
}

}  // namespace signalbox
