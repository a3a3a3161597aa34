#include "gateway/cli/client/gateway_call.hpp"

#include <boost/json/serialize.hpp>

namespace signalbox {

CallAs as_operator(const std::string& space) { return {Role::operator_, {}, space}; }

CallAs as_agent(const std::string& agent) { return {Role::agent, agent, {}}; }

CallAs as_either(const std::string& agent, const std::string& space) {
  return agent.empty() ? as_operator(space) : as_agent(agent);
}

std::string namespace_flag(const std::string& space) {
  return space.empty() ? "" : " --namespace " + shell_quoted(space);
}

std::string agent_flag(const std::string& agent) {
  return agent.empty() ? "" : " --agent " + shell_quoted(agent);
}

CommandResult<ApiClient> find_client(const Invocation& invocation, const CallAs& as) {
  const auto installation = Installation::find(invocation.common, invocation.process);
  if (!installation) return installation.error();
  auto caller = find_caller(*installation, invocation.common, as.role, as.agent);
  if (!caller) return caller.error();
  caller->space = as.space;
  return ApiClient{std::move(*caller)};
}

CommandResult<ApiAnswer> ask(const Invocation& invocation, const CallAs& as, const ApiCall& call) {
  const auto client = find_client(invocation, as);
  if (!client) return client.error();
  return client->call(call);
}

ExitCode refuse(Invocation& invocation, const ApiAnswer& answer) {
  if (invocation.common.json) invocation.terminal.json(answer.text);
  invocation.terminal.error(describe_problem(answer));
  return exit_code_of(answer);
}

ExitCode show(Invocation& invocation, const CommandResult<ApiAnswer>& answer, const View& view) {
  if (!answer) return fail(invocation, answer.error());
  if (!answer->good()) return refuse(invocation, *answer);
  if (invocation.common.json) {
    invocation.terminal.json(answer->text);
  } else {
    view(invocation, answer->json);
  }
  return ExitCode::good;
}

void tell(Invocation& invocation, const boost::json::value& made, const View& view) {
  if (invocation.common.json) {
    invocation.terminal.json(boost::json::serialize(made));
  } else {
    view(invocation, made);
  }
}

}  // namespace signalbox
