// release: an operator takes messages back from who holds them: a receipt that was lost, or an
// agent that is gone, would keep its work from everybody until the lease ends.
#include <fmt/format.h>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "gateway/cli/client/gateway_call.hpp"
#include "gateway/cli/screen/json_members.hpp"

namespace signalbox {
namespace {

namespace json = boost::json;

struct ReleaseOptions {
  std::string agent;
  std::vector<std::string> messages;  // ids; a receipt names its message too
};

void show_released(Invocation& invocation, const json::value& answer) {
  Terminal& terminal = invocation.terminal;
  for (const json::value& id : array_of(answer, "released")) {
    terminal.line(
        fmt::format("{}  {}", terminal.styled("released", Style::good), printable(shown(id))));
  }
  for (const json::value& id : array_of(answer, "not_leased")) {
    terminal.line(
        fmt::format("{}  {}", terminal.styled("nobody holds", Style::bad), printable(shown(id))));
  }
}

ExitCode run_release(Invocation& invocation, const ReleaseOptions& options) {
  json::array ids;
  for (const std::string& typed : options.messages) {
    if (!typed.starts_with("m_")) {
      return fail(invocation, usage_failure(fmt::format("'{}' is no message's id, as m_…", typed),
                                            "signalbox inbox --agent " + options.agent));
    }
    ids.push_back(json::value(typed.substr(0, typed.find('.'))));
  }
  ApiCall call{.method = "POST", .path = "/v1/inbox/release"};
  call.body = json::object{{"agent", options.agent}, {"messages", std::move(ids)}};
  const auto answer = ask(invocation, as_operator(), call);
  const ExitCode code = show(invocation, answer, show_released);
  if (code != ExitCode::good) return code;
  return array_of(answer->json, "not_leased").empty() ? ExitCode::good : ExitCode::refused;
}

}  // namespace

namespace commands {

extern constinit const Command release;
constinit const Command release{
    .name = "release",
    .group = group::mailboxes,
    .summary = "Take messages back from who holds them, as an operator",
    .details =
        "They are ready again at once, and their receipts hold nothing any more: for a receipt "
        "that was lost, or an agent that is gone. Exit status 1 when nobody holds one of them.",
    .examples = {{{"signalbox release m_0b9akjgInM5O53Uhu --agent reviewer",
                   "with the id of `inbox`"}}},
    .json = {{{.what = answer_printed}}},
    .arguments = {{{.name = "messages",
                    .value = {"MESSAGE"},
                    .help = "Message ids, as m_…, or receipts",
                    .into = into<&ReleaseOptions::messages>,
                    .required = true}}},
    .options = {{{.name = "--agent",
                  .value = value::agent,
                  .help = "Whose mailbox",
                  .into = into<&ReleaseOptions::agent>,
                  .required = true}}},
    .action = action<run_release>,
};

}  // namespace commands
}  // namespace signalbox
