// How a command asks the gateway, from "as whom" to its exit status:
// `return show(invocation, ask(invocation, as_operator(), {.path = "/v1/rules"}), show_rules);`
#pragma once

#include <boost/json/value.hpp>
#include <functional>
#include <string>

#include "gateway/cli/client/api_client.hpp"

namespace signalbox {

// As whom a command calls the gateway.
struct CallAs {
  Role role = Role::operator_;
  std::string agent;  // from --agent; may be empty for Role::agent
  std::string space;  // an operator's: the namespace that is meant; empty: the main one
};
CallAs as_operator(const std::string& space = {});
CallAs as_agent(const std::string& agent);
// An agent where one is named, otherwise an operator.
CallAs as_either(const std::string& agent, const std::string& space);

// " --namespace <space>" and " --agent <agent>", for a hint; empty without one.
std::string namespace_flag(const std::string& space);
std::string agent_flag(const std::string& agent);

// Finds the gateway, and the token for it.
CommandResult<ApiClient> find_client(const Invocation& invocation, const CallAs& as);

// Finds the gateway and makes one call.
CommandResult<ApiAnswer> ask(const Invocation& invocation, const CallAs& as, const ApiCall& call);

// Writes a refusal: its problem to standard error, and with --json its body to standard output.
ExitCode refuse(Invocation& invocation, const ApiAnswer& answer);

// How JSON looks to people.
using View = std::function<void(Invocation& invocation, const boost::json::value& answer)>;

// Writes what became of a call: a failure or a refusal as such; a good answer unchanged with
// --json, otherwise by the view.
ExitCode show(Invocation& invocation, const CommandResult<ApiAnswer>& answer, const View& view);

// Writes JSON that was made here: as it is with --json, otherwise by the view.
void tell(Invocation& invocation, const boost::json::value& made, const View& view);

}  // namespace signalbox
