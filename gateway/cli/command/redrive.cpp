// redrive: the way back for dead letters.
#include <fmt/format.h>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "gateway/cli/client/gateway_call.hpp"
#include "gateway/cli/screen/json_members.hpp"

namespace signalbox {
namespace {

namespace json = boost::json;

struct RedriveOptions {
  std::string agent;
  std::vector<std::string> messages;  // ids; empty: all
  std::optional<std::uint32_t> max;   // nothing: as many as one call moves
};

void show_ids(Terminal& terminal, const json::value& answer, std::string_view list,
              std::string_view word, Style style) {
  for (const json::value& id : array_of(answer, list)) {
    terminal.line(fmt::format("{}  {}", terminal.styled(word, style), printable(shown(id))));
  }
}

// What was moved stays moved where the rest had no room, so it is told first.
ExitCode run_redrive(Invocation& invocation, const RedriveOptions& options) {
  json::object body;
  if (options.max) body["max"] = *options.max;
  if (!options.messages.empty()) {
    body["messages"] = json::array(options.messages.begin(), options.messages.end());
  }
  ApiCall call{.method = "POST", .path = "/v1/inbox/redrive", .about_mailbox = true};
  call.body = std::move(body);
  const auto answer = ask(invocation, as_agent(options.agent), call);
  if (!answer) return fail(invocation, answer.error());
  if (!invocation.common.json) {
    show_ids(invocation.terminal, answer->json, "moved", "moved", Style::good);
    show_ids(invocation.terminal, answer->json, "missing", "no dead letter", Style::bad);
  }
  const ExitCode code = show(invocation, answer, [&](Invocation&, const json::value& moved) {
    invocation.terminal.line(fmt::format("{} moved, {} left", array_of(moved, "moved").size(),
                                         number_of(moved, "remaining")));
  });
  if (code != ExitCode::good) return code;
  return array_of(answer->json, "missing").empty() ? ExitCode::good : ExitCode::refused;
}

}  // namespace

namespace commands {

extern constinit const Command redrive;
constinit const Command redrive{
    .name = "redrive",
    .group = group::mailboxes,
    .summary = "Move dead letters back into their mailbox",
    .details =
        "They keep their ids, stand behind what waits, and their deliveries count from the "
        "start. Exit status 1 when the mailbox has no room for all.",
    .examples = {{{"signalbox redrive --agent reviewer", "all of them, once the cause is mended"},
                  {"signalbox redrive m_0b9akjgInM5O53Uhu --agent reviewer", "one"}}},
    .json = {{{.what = answer_printed}}},
    .arguments = {{{.name = "messages",
                    .value = {"MESSAGE"},
                    .help = "Ids of messages; default: all",
                    .into = into<&RedriveOptions::messages>}}},
    .options = {{agent_option<&RedriveOptions::agent>(),
                 max_option<&RedriveOptions::max>("Messages to move, 1 to 1000; default 1000",
                                                  1000)}},
    .action = action<run_redrive>,
};

}  // namespace commands
}  // namespace signalbox
