// message: one message of a mailbox, whole.
#include <fmt/format.h>

#include "gateway/cli/client/gateway_call.hpp"
#include "gateway/cli/screen/json_members.hpp"
#include "gateway/cli/screen/phrases.hpp"
#include "gateway/cli/screen/view.hpp"

namespace signalbox {
namespace {

namespace json = boost::json;

struct MessageOptions {
  std::string id;  // as typed: a receipt and the path of a reference name a message too
  std::string agent;
  std::string space;
};

// "m_x.2", which is a receipt, and "/v1/messages/m_x", which is a reference, are of the message
// m_x.
std::string message_of(std::string id) {
  constexpr std::string_view path = "/v1/messages/";
  if (id.starts_with(path)) id.erase(0, path.size());
  return id.substr(0, id.find('.'));
}

ExitCode run_message(Invocation& invocation, const MessageOptions& options) {
  const std::string id = message_of(options.id);
  if (!id.starts_with("m_")) {
    const bool event = id.starts_with("e_");
    return fail(invocation,
                usage_failure(fmt::format("'{}' is {}; a message's id begins with m_", options.id,
                                          event ? "an event" : "no message"),
                              event ? "signalbox event " + id : "signalbox inbox"));
  }
  ApiCall call{.path = "/v1/messages/" + url_encode(id)};
  call.about_mailbox = !options.agent.empty();
  const auto answer = ask(invocation, as_either(options.agent, options.space), call);
  return show(invocation, answer, [&](Invocation&, const json::value& message) {
    Terminal& terminal = invocation.terminal;
    const std::string age = age_of(text_of(message, "time"), invocation.now);
    show_message(terminal, message,
                 fmt::format("  {} ago, to {}", age, text_of(message, "recipient")));
    const std::string cause = text_of(message, "causationid");
    if (cause.starts_with("e_")) terminal.hint("signalbox explain " + cause);
  });
}

}  // namespace

namespace commands {

extern constinit const Command message;
constinit const Command message{
    .name = "message",
    .group = group::mailboxes,
    .summary = "Show one message, whole; nothing is leased",
    .details =
        "An agent sees those of its own mailbox, an operator those of all mailboxes and their dead "
        "letters.",
    .examples = {{{"signalbox message m_0b9akjgInM5O53Uhu", "with the id of `inbox`"}}},
    .json = {{{.what = answer_printed}}},
    .arguments = {{{.name = "message",
                    .value = {"MESSAGE"},
                    .help = "Message id, as m_…, or a receipt",
                    .into = into<&MessageOptions::id>,
                    .required = true}}},
    .options = {{asking_agent_option<&MessageOptions::agent>(),
                 namespace_option<&MessageOptions::space>("--agent")}},
    .action = action<run_message>,
};

}  // namespace commands
}  // namespace signalbox
