// reload: the running gateway reads its configuration and rules again, and says how that went.
#include <fmt/format.h>

#include "gateway/cli/client/gateway_call.hpp"
#include "gateway/cli/screen/json_members.hpp"
#include "gateway/cli/screen/phrases.hpp"

namespace signalbox {
namespace {

namespace json = boost::json;

void show_reload(Invocation& invocation, const json::value& answer) {
  Terminal& terminal = invocation.terminal;
  for (const json::value& finding : array_of(answer, "findings")) {
    terminal.line(printable(shown(finding)));
  }
  const std::string status = text_of(answer, "status");
  if (status == "reloaded") {
    const auto rules = static_cast<std::size_t>(number_of(answer, "rules"));
    terminal.line(
        fmt::format("{}  {}", terminal.styled(status, Style::good), counted(rules, "rule")));
    return;
  }
  terminal.line(terminal.styled(status, Style::bad) + "  the configuration in use stays");
  terminal.field("detail", text_of(answer, "detail"));
}

ExitCode run_reload(Invocation& invocation) {
  ApiCall call{.method = "POST", .path = "/v1/reload"};
  call.timeout = std::chrono::seconds{90};  // many rules take long to compile
  const auto answer = ask(invocation, as_operator(), call);
  const ExitCode code = show(invocation, answer, show_reload);
  if (code != ExitCode::good) return code;
  return text_of(answer->json, "status") == "reloaded" ? ExitCode::good : ExitCode::refused;
}

}  // namespace

namespace commands {

extern constinit const Command reload;
constinit const Command reload{
    .name = "reload",
    .group = group::gateway,
    .summary = "Have the running gateway read its configuration again",
    .details =
        "Whole or not at all, as with SIGHUP, and says what was found. A gateway also does so by "
        "itself when one of its files changes. Exit status 1 when the new configuration is not "
        "taken.",
    .examples = {{{"signalbox reload", "after a rule was changed"}}},
    .json = {{{.what = answer_printed}}},
    .action = action<run_reload>,
};

}  // namespace commands
}  // namespace signalbox
