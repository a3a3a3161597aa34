// dead: the messages of a mailbox that were given out too often.
#include <fmt/format.h>

#include "gateway/cli/client/gateway_call.hpp"
#include "gateway/cli/screen/json_members.hpp"
#include "gateway/cli/screen/view.hpp"

namespace signalbox {
namespace {

namespace json = boost::json;

struct DeadOptions {
  std::string agent;
  std::uint32_t max = 10;
};

void show_dead(Terminal& terminal, const json::value& answer, Time now) {
  terminal.heading(fmt::format("{}: {} dead", text_of(answer, "agent"), number_of(answer, "dead")));
  std::vector<std::vector<Cell>> rows;
  for (const json::value& each : array_of(answer, "messages")) {
    rows.push_back(message_cells(member_of(each, "message"), now));
  }
  if (rows.empty()) return;
  terminal.line();
  terminal.table({"KIND", "WORK", "TASK", "SUMMARY", "AGE", "ID"}, rows, {3, 2});
}

ExitCode run_dead(Invocation& invocation, const DeadOptions& options) {
  const ApiCall call{.path = "/v1/inbox/dead",
                     .parameters = {{"max", std::to_string(options.max)}},
                     .about_mailbox = true};
  const auto view = [&](Invocation&, const json::value& answer) {
    Terminal& terminal = invocation.terminal;
    show_dead(terminal, answer, invocation.now);
    if (number_of(answer, "dead") == 0) return;
    terminal.line();
    terminal.hint("signalbox redrive" + agent_flag(options.agent));
  };
  return show(invocation, ask(invocation, as_agent(options.agent), call), view);
}

}  // namespace

namespace commands {

extern constinit const Command dead;
constinit const Command dead{
    .name = "dead",
    .group = group::mailboxes,
    .summary = "Look at dead letters: messages that were given out too often",
    .details = "They are given to nobody any more, until `redrive` moves them back.",
    .examples = {{{"signalbox dead --agent reviewer", "how many, and the oldest"}}},
    .json = {{{.what = answer_printed}}},
    .options = {{agent_option<&DeadOptions::agent>(),
                 max_option<&DeadOptions::max>("Messages to show, 1 to 100; default 10", 100)}},
    .action = action<run_dead>,
};

}  // namespace commands
}  // namespace signalbox
