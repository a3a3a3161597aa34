// ack, nack, extend: what a reader does with the receipts of the messages that it leased.
#include <fmt/format.h>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "gateway/cli/client/gateway_call.hpp"
#include "gateway/cli/contract/typed_ids.hpp"
#include "gateway/cli/screen/json_members.hpp"

namespace signalbox {
namespace {

namespace json = boost::json;

struct ReceiptOptions {
  std::string agent;
  std::vector<std::string> receipts;
  std::string visibility;  // extend
};

ApiCall make_call(const ReceiptOptions& options, const std::string& verb) {
  json::object body{{"receipts", json::array(options.receipts.begin(), options.receipts.end())}};
  if (!options.visibility.empty()) body["visibility"] = options.visibility;
  ApiCall call{.method = "POST", .path = "/v1/inbox/" + verb, .about_mailbox = true};
  call.body = std::move(body);
  return call;
}

// Those that held are done even where others are lost, so they are told first.
ExitCode use_receipts(Invocation& invocation, const ReceiptOptions& options,
                      const std::string& verb, std::string_view done_word) {
  if (!options.visibility.empty() && !parse_duration(options.visibility)) {
    return fail(invocation, usage_failure("--visibility must be a duration like 30s or 5m"));
  }
  for (const std::string& receipt : options.receipts) {
    if (const auto wrong = refuse_receipt(verb, receipt)) return fail(invocation, *wrong);
  }
  const auto answer = ask(invocation, as_agent(options.agent), make_call(options, verb));
  if (!answer) return fail(invocation, answer.error());
  Terminal& terminal = invocation.terminal;
  if (!invocation.common.json) {
    for (const json::value& receipt : array_of(answer->json, "done")) {
      terminal.line(fmt::format("{}  {}", terminal.styled(done_word, Style::good),
                                printable(shown(receipt))));
    }
  }
  const ExitCode code = show(invocation, answer, [](Invocation&, const json::value&) {});
  for (const json::value& receipt : array_of(answer->json, "expired")) {
    terminal.advice("  expired  " + shown(receipt));
  }
  return code;
}

ExitCode run_ack(Invocation& invocation, const ReceiptOptions& options) {
  return use_receipts(invocation, options, "ack", "acknowledged");
}

ExitCode run_nack(Invocation& invocation, const ReceiptOptions& options) {
  return use_receipts(invocation, options, "nack", "given back");
}

ExitCode run_extend(Invocation& invocation, const ReceiptOptions& options) {
  return use_receipts(invocation, options, "extend", "extended");
}

constexpr Option receipts_argument{.name = "receipts",
                                   .value = {"RECEIPT"},
                                   .help = "Receipts from receive",
                                   .into = into<&ReceiptOptions::receipts>,
                                   .required = true};

}  // namespace

namespace commands {

extern constinit const Command ack;
constinit const Command ack{
    .name = "ack",
    .group = group::mailboxes,
    .summary = "Finish messages",
    .details =
        "Exit status 4 when a receipt holds its message no longer: somebody else may have "
        "it.",
    .examples = {{{"signalbox ack m_0b9akjgInM5O53Uhu.2 --agent reviewer",
                   "with the receipt of `receive`"}}},
    .json = {{{.what = answer_printed}}},
    .arguments = {{receipts_argument}},
    .options = {{agent_option<&ReceiptOptions::agent>()}},
    .action = action<run_ack>,
};

extern constinit const Command nack;
constinit const Command nack{
    .name = "nack",
    .group = group::mailboxes,
    .summary = "Give messages back",
    .details = "They are ready again at once.",
    .examples = {{{"signalbox nack m_0b9akjgInM5O53Uhu.2 --agent reviewer",
                   "let somebody else have it"}}},
    .json = {{{.what = answer_printed}}},
    .arguments = {{receipts_argument}},
    .options = {{agent_option<&ReceiptOptions::agent>()}},
    .action = action<run_nack>,
};

extern constinit const Command extend;
constinit const Command extend{
    .name = "extend",
    .group = group::mailboxes,
    .summary = "Keep messages longer",
    .examples = {{{"signalbox extend m_0b9akjgInM5O53Uhu.2 --visibility 30m --agent reviewer",
                   "half an hour from now"}}},
    .json = {{{.what = answer_printed}}},
    .arguments = {{receipts_argument}},
    .options = {{agent_option<&ReceiptOptions::agent>(),
                 {.name = "--visibility",
                  .value = {"DURATION"},
                  .help = "From now, as 5m",
                  .into = into<&ReceiptOptions::visibility>}}},
    .action = action<run_extend>,
};

}  // namespace commands
}  // namespace signalbox
