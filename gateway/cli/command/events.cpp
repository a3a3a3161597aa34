// events: which events came in, and what became of them. The server looks at a bounded part of its
// archive per call, so a page may be short or empty and yet not the last: the pages that are needed
// are fetched here.
#include <fmt/format.h>

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include "gateway/cli/commands.hpp"
#include "gateway/cli/screen/view.hpp"
#include "gateway/cli/screen/view_events.hpp"

namespace signalbox {
namespace {

namespace json = boost::json;

constexpr std::uint32_t page_max = 100;  // events of one call
constexpr std::size_t all_max = 10'000;  // events of --all
constexpr std::size_t calls_max = 1'000;
constexpr std::array<std::string_view, 4> outcomes{"accepted", "no_match", "dropped", "failed"};

// "1h" is that long ago; a time is taken as it is.
Attempt<std::string> point_in_time(std::string_view flag, const std::string& text, Time now) {
  if (const auto ago = parse_duration(text); ago && ago->count() >= 0) {
    return format_time(std::max(now - *ago, Time{}));
  }
  if (const auto time = parse_time(text)) return format_time(*time);
  return Failure{ExitCode::usage,
                 fmt::format("{} must be how long ago, like 1h, or a time like "
                             "2026-11-22T10:00:00Z",
                             flag),
                 {}};
}

Attempt<std::string> search_query(const EventsOptions& options, Time now) {
  if (!options.status.empty() &&
      std::find(outcomes.begin(), outcomes.end(), options.status) == outcomes.end()) {
    return Failure{ExitCode::usage,
                   fmt::format("unknown status '{}'{} (known: {})", options.status,
                               did_you_mean(options.status, outcomes), fmt::join(outcomes, ", ")),
                   {}};
  }
  std::string query;
  for (const auto& [name, text] : {std::pair{"source", &options.source},
                                   {"type", &options.type},
                                   {"status", &options.status},
                                   {"rule", &options.rule},
                                   {"work", &options.work}}) {
    if (!text->empty()) query += fmt::format("&{}={}", name, url_encode(*text));
  }
  for (const auto& [name, text] : {std::pair{"since", &options.since}, {"until", &options.until}}) {
    if (text->empty()) continue;
    const auto time = point_in_time(fmt::format("--{}", name), *text, now);
    if (!time) return time.error();
    query += fmt::format("&{}={}", name, url_encode(*time));
  }
  return query;
}

struct Found {
  json::array events;
  std::string next;
};

// Pages until there are `wanted` events or no more. An answer that is a refusal ends it.
Attempt<ApiAnswer> collect(const ApiClient& client, const std::string& query, std::string cursor,
                           std::size_t wanted, Found& found) {
  for (std::size_t calls = 0;; ++calls) {
    const std::size_t missing = wanted - found.events.size();
    std::string target =
        fmt::format("/v1/events?max={}{}", std::min<std::size_t>(missing, page_max), query);
    if (!cursor.empty()) target += "&cursor=" + url_encode(cursor);
    auto answer = client.get(target);
    if (!answer || !answer->good()) return answer;
    const auto& page = array_of(answer->json, "events");
    found.events.insert(found.events.end(), page.begin(), page.end());
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
                                   {"since", &options.since},
                                   {"until", &options.until},
                                   {"namespace", &options.space}}) {
    if (!text->empty()) command += fmt::format(" --{} {}", name, shell_quoted(*text));
  }
  if (options.max != EventsOptions{}.max) command += fmt::format(" --max {}", options.max);
  return command + " --cursor " + shell_quoted(cursor);
}

}  // namespace

ExitCode run_events(Invocation& invocation, const EventsOptions& options) {
  const auto query = search_query(options, invocation.now);
  if (!query) return fail(invocation, query.error());
  const auto client = find_client(invocation, call_as_operator(options.space));
  if (!client) return fail(invocation, client.error());
  Found found;
  const auto last =
      collect(*client, *query, options.cursor, options.all ? all_max : options.max, found);
  if (!last) return fail(invocation, last.error());
  if (!last->good()) return refuse(invocation, *last);
  Terminal& terminal = invocation.terminal;
  json::value all = json::object{{"events", std::move(found.events)}};
  if (!found.next.empty()) all.as_object()["next"] = found.next;
  if (invocation.common.json) {
    terminal.json(json::serialize(all));
    return ExitCode::good;
  }
  show_events(terminal, all, invocation.now, !query->empty());
  const auto& events = array_of(all, "events");
  if (!events.empty()) terminal.line();
  if (!events.empty()) {
    terminal.hint("signalbox explain " + text_of(events.front(), "id") +
                  namespace_flag(options.space));
  }
  if (!found.next.empty()) terminal.hint(next_command(options, found.next));
  return ExitCode::good;
}

}  // namespace signalbox
