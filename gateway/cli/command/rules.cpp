// rules: what the gateway has loaded, and how often each rule matched.
#include "gateway/cli/commands.hpp"
#include "gateway/cli/screen/view_events.hpp"

namespace signalbox {

ExitCode run_rules(Invocation& invocation) {
  const auto client = find_client(invocation, call_as_operator({}));
  if (!client) return fail(invocation, client.error());
  const auto answer = client->get("/v1/rules");
  if (!answer) return fail(invocation, answer.error());
  if (!answer->good()) return refuse(invocation, *answer);
  if (invocation.common.json) {
    invocation.terminal.json(answer->text);
  } else {
    show_rules(invocation.terminal, answer->json, invocation.now);
  }
  return ExitCode::good;
}

}  // namespace signalbox
