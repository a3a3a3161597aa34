// inbox: what is in a mailbox, without taking any of it.
#include <fmt/format.h>

#include "gateway/cli/client/gateway_call.hpp"
#include "gateway/cli/screen/json_members.hpp"
#include "gateway/cli/screen/view.hpp"

namespace signalbox {
namespace {

namespace json = boost::json;

struct InboxOptions {
  std::string agent;
  std::uint32_t max = 10;
};

Style style_of_state(std::string_view state) noexcept {
  if (state == "ready") return Style::good;
  return state == "leased" ? Style::warn : Style::dim;
}

void show_totals(Terminal& terminal, const json::value& answer) {
  const auto count = [&](std::string_view key) { return number_of(answer, key); };
  std::string totals = fmt::format("{}: {} ready, {} leased, {} waiting", text_of(answer, "agent"),
                                   count("ready"), count("leased"), count("waiting"));
  if (count("dead") > 0) totals += fmt::format(", {} dead", count("dead"));
  terminal.heading(totals);
}

void show_inbox(Terminal& terminal, const json::value& answer, Time now) {
  show_totals(terminal, answer);
  std::vector<std::vector<Cell>> rows;
  for (const json::value& each : array_of(answer, "messages")) {
    const std::string state = text_of(each, "state");
    rows.push_back(message_cells(member_of(each, "message"), now));
    rows.back().insert(rows.back().begin(), {state, style_of_state(state)});
  }
  if (rows.empty()) return;
  terminal.line();
  terminal.table({"STATE", "KIND", "WORK", "TASK", "SUMMARY", "AGE", "ID"}, rows, {4, 3});
}

// Says who holds what is leased, and until when; the first of them.
std::string show_leases(Terminal& terminal, const json::value& answer) {
  std::string first;
  for (const json::value& each : array_of(answer, "messages")) {
    const json::value& lease = member_of(each, "lease");
    if (lease.is_null()) continue;
    const std::string id = text_of(member_of(each, "message"), "id");
    if (first.empty()) {
      first = id;
      terminal.line();
    }
    terminal.line(printable(fmt::format("{} is held by {} until {}", id, text_of(lease, "holder"),
                                        text_of(lease, "until"))));
  }
  return first;
}

ExitCode run_inbox(Invocation& invocation, const InboxOptions& options) {
  const ApiCall call{.path = "/v1/inbox",
                     .parameters = {{"max", std::to_string(options.max)}},
                     .about_mailbox = true};
  const auto view = [&](Invocation&, const json::value& answer) {
    Terminal& terminal = invocation.terminal;
    show_inbox(terminal, answer, invocation.now);
    const std::string held = show_leases(terminal, answer);
    const bool ready = number_of(answer, "ready") > 0;
    if (ready && held.empty()) terminal.line();
    if (ready) terminal.hint("signalbox receive" + agent_flag(options.agent));
    if (held.empty()) return;
    terminal.hint(fmt::format("signalbox release {} --agent {}", held, text_of(answer, "agent")));
  };
  return show(invocation, ask(invocation, as_agent(options.agent), call), view);
}

}  // namespace

namespace commands {

extern constinit const Command inbox;
constinit const Command inbox{
    .name = "inbox",
    .group = group::mailboxes,
    .summary = "Look into an agent's mailbox; nothing is leased",
    .examples = {{{"signalbox inbox --agent reviewer", "counts and the oldest messages"}}},
    .json = {{{.what = answer_printed}}},
    .options = {{agent_option<&InboxOptions::agent>(),
                 max_option<&InboxOptions::max>("Messages to show, 1 to 100; default 10", 100)}},
    .action = action<run_inbox>,
};

}  // namespace commands
}  // namespace signalbox
