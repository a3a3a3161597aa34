// event: one event of the archive, and what became of it.
#include <fmt/format.h>

#include <boost/json/array.hpp>

#include "event/json.hpp"
#include "gateway/cli/client/gateway_call.hpp"
#include "gateway/cli/contract/typed_ids.hpp"
#include "gateway/cli/screen/json_members.hpp"
#include "gateway/cli/screen/phrases.hpp"
#include "gateway/cli/screen/view.hpp"

namespace signalbox {
namespace {

namespace json = boost::json;

struct EventOptions {
  std::string id;
  std::string agent;
  std::string space;
  bool body = false;
};

void show_text(Terminal& terminal, const json::value& event, std::string_view key) {
  if (const auto text = text_of(event, key); !text.empty()) terminal.field(key, text);
}

void show_event(Terminal& terminal, const json::value& event, Time now) {
  const std::string outcome = text_of(event, "outcome");
  terminal.line(fmt::format("{}  {}", terminal.styled(text_of(event, "id"), Style::bold),
                            terminal.styled(outcome, style_of_outcome(outcome))));
  show_text(terminal, event, "type");
  show_text(terminal, event, "subject");
  show_text(terminal, event, "source");
  const std::string received = text_of(event, "received");
  terminal.field("received", fmt::format("{}, {} ago", received, age_of(received, now)));
  show_text(terminal, event, "delivery");
  const json::value& actor = member_of(event, "actor");
  if (const auto name = text_of(actor, "name"); !name.empty()) {
    terminal.field("actor", fmt::format("{}, {}", name, text_of(actor, "kind")));
  }
  if (const auto& rules = array_of(event, "rules"); !rules.empty()) {
    terminal.field("rules", joined(rules));
  }
  show_sent(terminal, event);
  show_failures(terminal, event);
  for (const json::value& replay : array_of(event, "replays")) {
    terminal.line();
    terminal.line(fmt::format("  {} {}  {} ago, by {}", terminal.styled("replay", Style::bold),
                              number_of(replay, "generation"), age_of(text_of(replay, "at"), now),
                              printable(text_of(replay, "by"))));
    show_sent(terminal, replay);
    show_failures(terminal, replay);
  }
  if (member_of(event, "body").is_null()) {
    terminal.field("body", "no longer kept: it cannot be explained or replayed");
  }
}

// As it stands in the answer: its numbers keep their spelling.
ExitCode print_body(Invocation& invocation, const std::string& answer) {
  JsonDocument document;
  const auto event = document.parse_copy(answer);
  const Json body = event ? (*event)["body"] : Json{};
  if (!body) {
    return fail(invocation, {ExitCode::refused, "the body of this event is no longer kept", {}});
  }
  invocation.terminal.json(body.raw());
  return ExitCode::good;
}

ExitCode run_event(Invocation& invocation, const EventOptions& options) {
  if (const auto wrong = refuse_event_id("event", options.id)) return fail(invocation, *wrong);
  const auto answer = ask(invocation, as_either(options.agent, options.space),
                          {.path = "/v1/events/" + url_encode(options.id)});
  if (options.body && answer && answer->good()) {
    return print_body(invocation, answer->text);
  }
  return show(invocation, answer, [&](Invocation&, const json::value& event) {
    Terminal& terminal = invocation.terminal;
    show_event(terminal, event, invocation.now);
    terminal.line();
    const std::string flag = namespace_flag(options.space);
    terminal.hint(fmt::format("signalbox explain {}{}", options.id, flag));
    if (member_of(event, "body").is_null()) return;
    terminal.hint(fmt::format("signalbox event {} --body{}", options.id, flag));
  });
}

}  // namespace

namespace commands {

extern constinit const Command event;
constinit const Command event{
    .name = "event",
    .group = group::events,
    .summary = "Show one event: what arrived and what became of it",
    .examples = {{{"signalbox event e_1cEI4ot2GmpiHFXjS", "its record"},
                  {"signalbox event e_1cEI4ot2GmpiHFXjS --body", "the webhook's body"}}},
    .json = {{{.what = answer_printed},
              {"--body", "the webhook's body, with or without `--json`"}}},
    .arguments = {{{.name = "event",
                    .value = {"EVENT"},
                    .help = "Event id, as e_…",
                    .into = into<&EventOptions::id>,
                    .required = true}}},
    .options = {{{.name = "--body",
                  .help = "Print the webhook's body, and nothing else",
                  .into = into<&EventOptions::body>},
                 asking_agent_option<&EventOptions::agent>(),
                 namespace_option<&EventOptions::space>("--agent")}},
    .action = action<run_event>,
};

}  // namespace commands
}  // namespace signalbox
