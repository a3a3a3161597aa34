#include "gateway/cli/screen/view_events.hpp"

#include <fmt/format.h>

#include "gateway/cli/client/api_client.hpp"
#include "gateway/cli/screen/view.hpp"

namespace signalbox {
namespace {

namespace json = boost::json;

// Each message: "m_…  assign to reviewer by review-opened".
void show_sent(Terminal& terminal, const json::value& holder) {
  for (const json::value& message : array_of(holder, "messages")) {
    std::string text = fmt::format("{} to {} by {}", text_of(message, "kind"),
                                   text_of(message, "mailbox"), text_of(message, "rule"));
    if (const auto id = text_of(message, "id"); !id.empty()) text = id + "  " + text;
    terminal.field("message", text);
    const json::value& data = member_of(member_of(message, "message"), "data");
    if (const auto summary = text_of(data, "summary"); !summary.empty()) {
      terminal.field("", summary);
    }
  }
}

void show_failures(Terminal& terminal, const json::value& holder) {
  for (const json::value& failure : array_of(holder, "failures")) {
    const std::string rule = text_of(failure, "rule");
    terminal.field("failed", rule.empty()
                                 ? shown(failure)
                                 : fmt::format("{}: {}", rule, text_of(failure, "detail")));
  }
}

// Of a path that may be long; --json has all of it.
std::string name_of_file(const std::string& path) { return path.substr(path.rfind('/') + 1); }

void show_text(Terminal& terminal, const json::value& event, std::string_view key) {
  if (const auto text = text_of(event, key); !text.empty()) terminal.field(key, text);
}

}  // namespace

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
  terminal.table({"AGE", "OUTCOME", "TYPE", "SUBJECT", "SENT TO", "ID"}, rows, 3);
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

void show_rules(Terminal& terminal, const json::value& answer, Time now) {
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
         {last.empty() ? "-" : age_of(last, now), Style::dim},
         {fmt::format("{}:{}", name_of_file(text_of(rule, "file")), number_of(rule, "line")),
          Style::dim}});
  }
  if (rows.empty()) {
    terminal.line("the gateway has no rules");
    return;
  }
  terminal.table({"RULE", "EVENTS", "SENDS TO", "MATCHED", "FAILED", "LAST", "AT"}, rows, 1);
}

}  // namespace signalbox
