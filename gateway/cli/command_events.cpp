// events: what came in last, and what became of it.
#include <fmt/format.h>

#include "gateway/cli/commands.hpp"
#include "gateway/cli/view.hpp"

namespace signalbox {

ExitCode run_events(Invocation& invocation, const EventsOptions& options) {
  const auto installation = Installation::find(invocation.common, invocation.process);
  if (!installation) return fail(invocation, installation.error());
  auto caller = find_caller(*installation, invocation.common, Role::operator_, {});
  if (!caller) return fail(invocation, caller.error());
  const ApiClient client{std::move(*caller)};
  std::string target = fmt::format("/v1/events?max={}", options.max);
  if (!options.cursor.empty()) target += "&cursor=" + url_encode(options.cursor);
  const auto answer = client.get(target);
  if (!answer) return fail(invocation, answer.error());
  if (!answer->good()) return refuse(invocation, *answer);
  Terminal& terminal = invocation.terminal;
  if (invocation.common.json) {
    terminal.json(answer->text);
    return ExitCode::good;
  }
  show_events(terminal, answer->json, invocation.now);
  const auto& events = array_of(answer->json, "events");
  if (events.empty()) return ExitCode::good;
  terminal.line();
  terminal.hint(fmt::format("signalbox explain {}", text_of(events.front(), "id")));
  if (const auto next = text_of(answer->json, "next"); !next.empty()) {
    terminal.hint(fmt::format("signalbox events --cursor {}", next));
  }
  return ExitCode::good;
}

}  // namespace signalbox
