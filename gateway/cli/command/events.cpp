// events: which events came in, and what became of them. The server looks at a bounded part of its
// archive per call, so a page may be short or empty and yet not the last: the pages that are needed
// are fetched here.
#include <fmt/format.h>

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include "gateway/cli/client/gateway_call.hpp"
#include "gateway/cli/screen/json_members.hpp"
#include "gateway/cli/screen/phrases.hpp"
#include "gateway/cli/screen/view.hpp"
#include "rules/source/known_names.hpp"

namespace signalbox {
namespace {

namespace json = boost::json;

struct EventsOptions {
  std::string source;
  std::string type;
  std::string status;
  std::string rule;
  std::string work;
  std::string delivery;  // the provider's id
  std::string since;     // RFC 3339, or a duration before now
  std::string until;
  std::uint32_t max = 20;
  std::string cursor;
  bool all = false;
  std::string space;
};

constexpr std::uint32_t page_max = 100;  // events of one call
constexpr std::size_t all_max = 10'000;  // events of --all
constexpr std::size_t calls_max = 1'000;
constexpr std::array<std::string_view, 4> outcomes{"accepted", "partly_dropped", "no_match",
                                                   "dropped"};

// "1h" is that long ago; a time is taken as it is.
CommandResult<std::string> point_in_time(std::string_view flag, const std::string& text, Time now) {
  if (const auto ago = parse_duration(text); ago && ago->count() >= 0) {
    return format_time(std::max(now - *ago, Time{}));
  }
  if (const auto time = parse_time(text)) return format_time(*time);
  return usage_failure(
      fmt::format("{} must be how long ago, like 1h, or a time like "
                  "2026-11-22T10:00:00Z",
                  flag));
}

CommandResult<HttpFields> search_query(const EventsOptions& options, Time now) {
  if (!options.status.empty() &&
      std::find(outcomes.begin(), outcomes.end(), options.status) == outcomes.end()) {
    return usage_failure(fmt::format("unknown status '{}'{}", options.status,
                                     known_names(options.status, outcomes)));
  }
  HttpFields query;
  for (const auto& [name, text] : {std::pair{"source", &options.source},
                                   {"type", &options.type},
                                   {"status", &options.status},
                                   {"rule", &options.rule},
                                   {"work", &options.work},
                                   {"delivery", &options.delivery}}) {
    if (!text->empty()) query.emplace_back(name, *text);
  }
  for (const auto& [name, text] : {std::pair{"since", &options.since}, {"until", &options.until}}) {
    if (text->empty()) continue;
    const auto time = point_in_time(fmt::format("--{}", name), *text, now);
    if (!time) return time.error();
    query.emplace_back(name, *time);
  }
  return query;
}

struct Found {
  json::array events;
  std::string next;
  json::array notes;  // what the server says of the question
};

// Pages until there are `wanted` events or no more. An answer that is a refusal ends it.
CommandResult<ApiAnswer> collect(const ApiClient& client, const HttpFields& query,
                                 std::string cursor, std::size_t wanted, Found& found) {
  for (std::size_t calls = 1;; ++calls) {
    const std::size_t missing = wanted - found.events.size();
    ApiCall call{.path = "/v1/events"};
    call.parameters = {{"max", std::to_string(std::min<std::size_t>(missing, page_max))}};
    call.parameters.insert(call.parameters.end(), query.begin(), query.end());
    if (!cursor.empty()) call.parameters.emplace_back("cursor", cursor);
    auto answer = client.call(call);
    if (!answer || !answer->good()) return answer;
    const auto& page = array_of(answer->json, "events");
    found.events.insert(found.events.end(), page.begin(), page.end());
    found.notes = array_of(answer->json, "notes");
    cursor = found.next = text_of(answer->json, "next");
    if (cursor.empty() || found.events.size() >= wanted || calls >= calls_max) return answer;
  }
}

// The same command for the next page.
std::string next_command(const EventsOptions& options, const std::string& cursor) {
  std::string command = "signalbox events";
  for (const auto& [name, text] : {std::pair{"source", &options.source},
                                   {"type", &options.type},
                                   {"status", &options.status},
                                   {"rule", &options.rule},
                                   {"work", &options.work},
                                   {"delivery", &options.delivery},
                                   {"since", &options.since},
                                   {"until", &options.until},
                                   {"namespace", &options.space}}) {
    if (!text->empty()) command += fmt::format(" --{} {}", name, shell_quoted(*text));
  }
  if (options.max != EventsOptions{}.max) command += fmt::format(" --max {}", options.max);
  return command + " --cursor " + shell_quoted(cursor);
}

void show_events(Terminal& terminal, const json::value& answer, Time now, bool searched) {
  std::vector<std::vector<Cell>> rows;
  for (const json::value& event : array_of(answer, "events")) {
    std::string recipients;
    for (const json::value& message : array_of(event, "messages")) {
      recipients += (recipients.empty() ? "" : ", ") + text_of(message, "mailbox");
    }
    const std::string outcome = text_of(event, "outcome");
    rows.push_back({{age_of(text_of(event, "received"), now), Style::dim},
                    {outcome, style_of_outcome(outcome)},
                    {text_of(event, "type"), Style::bold},
                    {text_of(event, "subject"), Style::name},
                    {recipients, Style::plain},
                    {text_of(event, "id"), Style::dim}});
  }
  if (rows.empty()) {
    terminal.line(searched ? "no such events" : "no events yet");
    return;
  }
  terminal.table({"AGE", "OUTCOME", "TYPE", "SUBJECT", "SENT TO", "ID"}, rows, {4, 1});
}

ExitCode run_events(Invocation& invocation, const EventsOptions& options) {
  const auto query = search_query(options, invocation.now);
  if (!query) return fail(invocation, query.error());
  const auto client = find_client(invocation, as_operator(options.space));
  if (!client) return fail(invocation, client.error());
  Found found;
  const auto last =
      collect(*client, *query, options.cursor, options.all ? all_max : options.max, found);
  if (!last) return fail(invocation, last.error());
  if (!last->good()) return refuse(invocation, *last);
  // A name that nobody knows, and nothing found: it is misspelled.
  const bool misspelled = found.events.empty() && !found.notes.empty();
  json::object all{{"events", std::move(found.events)}};
  if (!found.next.empty()) all["next"] = found.next;
  if (!found.notes.empty()) all["notes"] = found.notes;
  tell(invocation, all, [&](Invocation&, const json::value& made) {
    Terminal& terminal = invocation.terminal;
    show_events(terminal, made, invocation.now, !query->empty());
    for (const json::value& note : found.notes) terminal.line(printable(shown(note)));
    const auto& events = array_of(made, "events");
    if (events.empty() && !options.delivery.empty()) {
      terminal.hint("signalbox explain --delivery " + shell_quoted(options.delivery));
    }
    if (!events.empty()) {
      terminal.line();
      terminal.hint("signalbox explain " + text_of(events.front(), "id") +
                    namespace_flag(options.space));
    }
    if (!found.next.empty()) terminal.hint(next_command(options, found.next));
  });
  return misspelled ? ExitCode::refused : ExitCode::good;
}

}  // namespace

namespace commands {

extern constinit const Command events;
constinit const Command events{
    .name = "events",
    .group = group::events,
    .summary = "Find events that came in, newest first",
    .details =
        "All conditions that are given must hold. --since and --until take how long ago "
        "(1h, 3d) or a time (2026-11-22T10:00:00Z).",
    .examples = {{{"signalbox events --since 1h --status dropped", "what went wrong lately"},
                  {"signalbox events --work github:acme/api#42 --all", "all about one work"},
                  {"signalbox events --rule review-opened-pull-requests --json",
                   "what a rule matched, for a program"}}},
    .json = {{{.what = R"(`{"events":[…],"next":"…"}` of as many pages as were needed; `next` is )"
                       "absent at the end; `notes` where a name is unknown"}}},
    .options = {{{.name = "--source",
                  .value = value::source,
                  .help = "Of this source",
                  .into = into<&EventsOptions::source>},
                 {.name = "--type",
                  .value = value::event_type,
                  .help = "Of this type; a shorter name covers all below it, * any part",
                  .into = into<&EventsOptions::type>},
                 {.name = "--status",
                  .value = {"STATUS", Offer::words, "accepted partly_dropped no_match dropped"},
                  .help = "accepted, partly_dropped, no_match or dropped",
                  .into = into<&EventsOptions::status>},
                 {.name = "--rule",
                  .value = {"RULE"},
                  .help = "That this rule matched",
                  .into = into<&EventsOptions::rule>},
                 {.name = "--work",
                  .value = {"WORK"},
                  .help = "About this work: w_… or any name of it",
                  .into = into<&EventsOptions::work>},
                 {.name = "--delivery",
                  .value = {"ID"},
                  .help = "The provider's id of the delivery",
                  .into = into<&EventsOptions::delivery>},
                 {.name = "--since",
                  .value = {"WHEN"},
                  .help = "Received since then: 1h, or a time",
                  .into = into<&EventsOptions::since>},
                 {.name = "--until",
                  .value = {"WHEN"},
                  .help = "Received before then",
                  .into = into<&EventsOptions::until>},
                 max_option<&EventsOptions::max>("Events, 1 to 100; default 20", 100),
                 {.name = "--cursor",
                  .value = {"CURSOR"},
                  .help = "Continue where the last page ended",
                  .into = into<&EventsOptions::cursor>},
                 {.name = "--all",
                  .help = "All pages, up to 10000 events",
                  .into = into<&EventsOptions::all>,
                  .excludes = "--max --cursor"},
                 namespace_option<&EventsOptions::space>()}},
    .action = action<run_events>,
};

}  // namespace commands
}  // namespace signalbox
