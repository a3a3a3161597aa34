// send: a message to a mailbox or a topic.
#include <fmt/format.h>

#include <boost/json/array.hpp>

#include "event/json_writer.hpp"
#include "event/message.hpp"
#include "gateway/cli/client/gateway_call.hpp"
#include "gateway/cli/screen/json_members.hpp"
#include "gateway/http/compact_json.hpp"
#include "rules/source/known_names.hpp"

namespace signalbox {
namespace {

namespace json = boost::json;

struct SendOptions {
  std::string agent;  // empty: as an operator
  std::string to;
  std::string kind = "note";
  std::string work;
  std::string task;
  std::string data;  // JSON, @file or -
  std::string summary;
  std::string cause;
  std::string idempotency_key;
  std::string space;
};

constexpr std::size_t data_bytes_max = std::size_t{1024} * 1024;
constexpr std::array<std::string_view, 10> kinds{"event",   "assign",  "progress", "help",
                                                 "answer",  "handoff", "evidence", "decision",
                                                 "control", "note"};

// The JSON object of --data, as it is spelled, and --summary together.
CommandResult<std::string> read_data(const SendOptions& options) {
  JsonDocument document;
  Json data;
  if (!options.data.empty()) {
    const auto text = read_argument(options.data, data_bytes_max);
    if (!text) return text.error();
    const auto parsed = document.parse_copy(*text);
    if (!parsed || !parsed->is(JsonKind::object)) {
      return usage_failure("--data must be a JSON object, @file or -");
    }
    data = *parsed;
  }
  return compact_json(data, "summary", options.summary);
}

CommandResult<std::string> make_body(const SendOptions& options) {
  if (!parse_message_kind(options.kind)) {
    return usage_failure(
        fmt::format("unknown kind '{}'{}", options.kind, known_names(options.kind, kinds)));
  }
  const auto data = read_data(options);
  if (!data) return data.error();
  std::string out;
  JsonObject body{out};
  body.text("to", options.to).text("kind", options.kind).raw("data", *data);
  for (const auto& [name, text] :
       {std::pair{"work", &options.work}, {"task", &options.task}, {"cause", &options.cause}}) {
    if (!text->empty()) body.text(name, *text);
  }
  body.close();
  return out;
}

// `repeated`: this idempotency key was here before, and nothing was sent again.
void show_sending(Terminal& terminal, const json::value& answer, bool repeated) {
  const std::string_view word = repeated ? "already sent" : "sent";
  for (const json::value& message : array_of(answer, "messages")) {
    terminal.line(fmt::format("{}  {}  to {}", terminal.styled(word, Style::good),
                              terminal.styled(text_of(message, "id"), Style::bold),
                              printable(text_of(message, "mailbox"))));
  }
}

ExitCode run_send(Invocation& invocation, const SendOptions& options) {
  const auto body = make_body(options);
  if (!body) return fail(invocation, body.error());
  ApiCall call{.method = "POST", .path = "/v1/messages"};
  call.body_text = *body;
  call.idempotency_key = options.idempotency_key;
  const auto answer = ask(invocation, as_either(options.agent, options.space), call);
  return show(invocation, answer, [&](Invocation&, const json::value& sent) {
    show_sending(invocation.terminal, sent, answer->status == 200);
  });
}

}  // namespace

namespace commands {

extern constinit const Command send;
constinit const Command send{
    .name = "send",
    .group = group::mailboxes,
    .summary = "Send a message to a mailbox or a topic",
    .details =
        "As an operator, or with --agent as an agent; who may send which kind depends on "
        "that.",
    .examples =
        {{{"signalbox send --to reviewer --kind note --summary 'main is red'",
           "a note for one role"},
          {"signalbox send --to topic:pull-requests --kind control --data '{\"pause\":true}'",
           "one copy for each agent of a topic"},
          {"signalbox send --to coder --work github:acme/api#42 --summary 'Please rebase'",
           "about one work"}}},
    .json = {{{.what = answer_printed}}},
    .options = {{{.name = "--to",
                  .value = value::recipient,
                  .help = "Mailbox, or topic:<name>",
                  .into = into<&SendOptions::to>,
                  .required = true},
                 {.name = "--kind",
                  .value = {"KIND", Offer::words,
                            "assign progress help answer handoff decision control note"},
                  .help = "note, progress, help, answer, handoff, control, …; default note",
                  .into = into<&SendOptions::kind>},
                 {.name = "--work",
                  .value = {"WORK"},
                  .help = "As github:acme/api#42",
                  .into = into<&SendOptions::work>},
                 {.name = "--task",
                  .value = {"TASK"},
                  .help = "As review",
                  .into = into<&SendOptions::task>},
                 {.name = "--data",
                  .value = {"JSON"},
                  .help = "JSON object, @file or - for standard input",
                  .into = into<&SendOptions::data>},
                 {.name = "--summary",
                  .value = {"TEXT"},
                  .help = "One line for people",
                  .into = into<&SendOptions::summary>},
                 {.name = "--cause",
                  .value = {"ID"},
                  .help = "What it follows from: a message or receipt, an event",
                  .into = into<&SendOptions::cause>},
                 {.name = "--idempotency-key",
                  .value = {"KEY"},
                  .help = "Send once per key",
                  .into = into<&SendOptions::idempotency_key>},
                 agent_option<&SendOptions::agent>("Send as this agent; default: as an operator"),
                 namespace_option<&SendOptions::space>("--agent")}},
    .action = action<run_send>,
};

}  // namespace commands
}  // namespace signalbox
