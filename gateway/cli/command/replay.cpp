// replay: an event of the archive, decided anew.
#include <fmt/format.h>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "gateway/cli/client/gateway_call.hpp"
#include "gateway/cli/contract/typed_ids.hpp"
#include "gateway/cli/screen/json_members.hpp"
#include "gateway/cli/screen/view.hpp"

namespace signalbox {
namespace {

namespace json = boost::json;

struct ReplayOptions {
  std::string id;
  std::vector<std::string> rules;  // empty: all
  bool dry_run = false;
  std::string idempotency_key;
  std::string space;
};

void show_replay(Terminal& terminal, const json::value& answer, bool dry_run) {
  const std::string status = text_of(answer, "status");
  std::string head = terminal.styled(status, style_of_outcome(status)) + "  " +
                     terminal.styled(text_of(answer, "event"), Style::bold);
  if (dry_run) {
    head += terminal.styled("  dry run: nothing was sent", Style::dim);
  } else if (const auto generation = number_of(answer, "generation"); generation > 0) {
    head += terminal.styled(fmt::format("  replay {}", generation), Style::dim);
  }
  terminal.line(head);
  if (const auto& rules = array_of(answer, "rules"); !rules.empty()) {
    terminal.field("rules", joined(rules));
  }
  show_sent(terminal, answer);
  show_failures(terminal, answer);
  if (array_of(answer, "messages").empty()) {
    terminal.hint("signalbox explain " + text_of(answer, "event"));
  }
}

ExitCode run_replay(Invocation& invocation, const ReplayOptions& options) {
  if (const auto wrong = refuse_event_id("replay", options.id)) return fail(invocation, *wrong);
  json::object body;
  if (options.dry_run) body["dry_run"] = true;
  if (!options.rules.empty()) {
    body["rules"] = json::array(options.rules.begin(), options.rules.end());
  }
  ApiCall call{.method = "POST",
               .path = fmt::format("/v1/events/{}/replay", url_encode(options.id))};
  call.body = std::move(body);
  call.idempotency_key = options.idempotency_key;
  const auto answer = ask(invocation, as_operator(options.space), call);
  const ExitCode code = show(invocation, answer, [&](Invocation&, const json::value& replay) {
    show_replay(invocation.terminal, replay, options.dry_run);
  });
  if (code != ExitCode::good) return code;
  // Who replays wants messages: none is worth a look.
  return array_of(answer->json, "messages").empty() ? ExitCode::refused : ExitCode::good;
}

}  // namespace

namespace commands {

extern constinit const Command replay;
constinit const Command replay{
    .name = "replay",
    .group = group::events,
    .summary = "Decide an event anew by the rules of now, and send what they say",
    .details =
        "For an event that was decided by wrong rules. Its messages are new ones: who has "
        "done the old ones will see the work again.",
    .examples = {{{"signalbox replay e_1cEI4ot2GmpiHFXjS --dry-run", "only say what would be sent"},
                  {"signalbox replay e_1cEI4ot2GmpiHFXjS --rule review-opened-pull-requests",
                   "by this rule only"}}},
    .json = {{{.what = answer_printed}}},
    .arguments = {{{.name = "event",
                    .value = {"EVENT"},
                    .help = "Event id, as e_…",
                    .into = into<&ReplayOptions::id>,
                    .required = true}}},
    .options = {{{.name = "--rule",
                  .value = {"RULE"},
                  .help = "By this rule only; may be repeated",
                  .into = into<&ReplayOptions::rules>},
                 {.name = "--dry-run",
                  .help = "Say what would be sent, and send nothing",
                  .into = into<&ReplayOptions::dry_run>},
                 {.name = "--idempotency-key",
                  .value = {"KEY"},
                  .help = "Replay once per key",
                  .into = into<&ReplayOptions::idempotency_key>},
                 namespace_option<&ReplayOptions::space>()}},
    .action = action<run_replay>,
};

}  // namespace commands
}  // namespace signalbox
