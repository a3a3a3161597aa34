// rules: what the gateway has loaded, and how often each rule matched.
#include <fmt/format.h>

#include "gateway/cli/client/gateway_call.hpp"
#include "gateway/cli/screen/json_members.hpp"
#include "gateway/cli/screen/phrases.hpp"

namespace signalbox {
namespace {

namespace json = boost::json;

// The name alone of a path that may be long; --json has all of it.
std::string name_of_file(const std::string& path) { return path.substr(path.rfind('/') + 1); }

void show_rules(Invocation& invocation, const json::value& answer) {
  std::vector<std::vector<Cell>> rows;
  for (const json::value& rule : array_of(answer, "rules")) {
    const auto matched = number_of(rule, "matched");
    const auto failed = number_of(rule, "failed");
    const std::string last = text_of(rule, "last_match");
    rows.push_back(
        {{text_of(rule, "name"), Style::bold},
         {joined(array_of(rule, "events")), Style::name},
         {joined(array_of(rule, "recipients")), Style::plain},
         {std::to_string(matched), matched > 0 ? Style::good : Style::dim},
         {std::to_string(failed), failed > 0 ? Style::bad : Style::dim},
         {last.empty() ? "-" : age_of(last, invocation.now), Style::dim},
         {fmt::format("{}:{}", name_of_file(text_of(rule, "file")), number_of(rule, "line")),
          Style::dim}});
  }
  if (rows.empty()) {
    invocation.terminal.line("the gateway has no rules");
    return;
  }
  invocation.terminal.table({"RULE", "EVENTS", "SENDS TO", "MATCHED", "FAILED", "LAST", "AT"}, rows,
                            {2, 1});
}

ExitCode run_rules(Invocation& invocation) {
  return show(invocation, ask(invocation, as_operator(), {.path = "/v1/rules"}), show_rules);
}

}  // namespace

namespace commands {

extern constinit const Command rules;
constinit const Command rules{
    .name = "rules",
    .group = group::events,
    .summary = "The rules that the gateway has loaded, with counters",
    .details = "Counters are of the gateway's process since its start.",
    .examples = {{{"signalbox rules", "which rules match, and which never do"}}},
    .json = {{{.what = answer_printed}}},
    .action = action<run_rules>,
};

}  // namespace commands
}  // namespace signalbox
