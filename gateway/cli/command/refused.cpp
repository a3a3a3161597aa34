// refused: the deliveries that this gateway refused and has kept, with why.
#include <fmt/format.h>

#include "gateway/cli/client/gateway_call.hpp"
#include "gateway/cli/screen/json_members.hpp"
#include "gateway/cli/screen/phrases.hpp"

namespace signalbox {
namespace {

namespace json = boost::json;

struct RefusedOptions {
  std::uint32_t max = 20;
};

void show_refused_list(Invocation& invocation, const json::value& answer) {
  Terminal& terminal = invocation.terminal;
  const auto& refused = array_of(answer, "refused");
  if (refused.empty()) {
    const bool off = number_of(answer, "keep") == 0;
    terminal.line(off ? "none are kept: set hooks.keep_refused in the configuration"
                      : "no webhook was refused since the gateway started");
    return;
  }
  std::vector<std::vector<Cell>> rows;
  for (const json::value& each : refused) {
    const std::string delivery = text_of(each, "delivery");
    rows.push_back(
        {{age_of(text_of(each, "received"), invocation.now), Style::dim},
         {text_of(each, "reason"), Style::bad},
         {text_of(each, "source"), Style::name},
         {text_of(each, "peer"), Style::plain},
         {readable_bytes(static_cast<std::uint64_t>(number_of(each, "bytes"))), Style::plain},
         {delivery.empty() ? "-" : delivery, Style::dim}});
  }
  terminal.table({"AGE", "REASON", "SOURCE", "FROM", "BODY", "DELIVERY"}, rows, {4, 3});
  const std::string first = text_of(refused.front(), "delivery");
  if (first.empty()) return;
  terminal.line();
  terminal.hint("signalbox explain --delivery " + shell_quoted(printable(first)));
}

ExitCode run_refused(Invocation& invocation, const RefusedOptions& options) {
  const ApiCall call{.path = "/v1/refused", .parameters = {{"max", std::to_string(options.max)}}};
  return show(invocation, ask(invocation, as_operator(), call), show_refused_list);
}

}  // namespace

namespace commands {

extern constinit const Command refused;
constinit const Command refused{
    .name = "refused",
    .group = group::events,
    .summary = "List the webhooks that were refused, newest first",
    .details =
        "Those that this gateway keeps (hooks.keep_refused) since its start; `explain --delivery` "
        "says what was wrong with one.",
    .examples = {{{"signalbox refused", "who sends what is not taken"}}},
    .json = {{{.what = answer_printed}}},
    .options = {{max_option<&RefusedOptions::max>("Deliveries to show, 1 to 100; default 20",
                                                  100)}},
    .action = action<run_refused>,
};

}  // namespace commands
}  // namespace signalbox
