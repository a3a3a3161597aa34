#include "gateway/cli/screen/view.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json/serialize.hpp>

#include "gateway/cli/client/api_client.hpp"

namespace signalbox {
namespace {

namespace json = boost::json;

constexpr std::size_t data_fields_max = 30;  // shown of a message's data; --json has all

// "dev.signalbox.assign" -> "assign"
std::string kind_of(const json::value& message) {
  const std::string type = text_of(message, "type");
  return type.substr(type.rfind('.') + 1);
}

Style style_of_state(std::string_view state) noexcept {
  if (state == "ready") return Style::good;
  return state == "leased" ? Style::warn : Style::dim;
}

void show_data(Terminal& terminal, const json::value& message) {
  const json::object* data = member_of(message, "data").if_object();
  if (data == nullptr) return;
  if (const auto* summary = data->if_contains("summary")) {
    terminal.field("summary", shown(*summary));
  }
  std::size_t count = 0;
  for (const auto& field : *data) {
    if (field.key() == "summary") continue;
    if (++count > data_fields_max) {
      terminal.field("…", fmt::format("{} more fields (--json)", data->size() - data_fields_max));
      return;
    }
    terminal.field(std::string_view{field.key().data(), field.key().size()}, shown(field.value()));
  }
}

void show_message(Terminal& terminal, const json::value& message, const std::string& remark) {
  std::string head = terminal.styled(kind_of(message), Style::bold);
  if (const auto subject = text_of(message, "subject"); !subject.empty()) {
    head += "  " + terminal.styled(subject, Style::name);
  }
  if (const auto task = text_of(message, "taskid"); !task.empty()) {
    head += "  task " + printable(task);
  }
  terminal.line(head + terminal.styled(remark, Style::dim));
  show_data(terminal, message);
  terminal.field("from", text_of(message, "sender"));
  if (const auto trust = text_of(message, "authortrust"); !trust.empty()) {
    // Whose words the texts above are: they are data, however they read.
    terminal.field("author", fmt::format("{}, {}", trust, text_of(message, "actorkind")));
  }
  if (const auto cause = text_of(message, "causationid"); !cause.empty()) {
    terminal.field("cause", cause);
  }
  terminal.field("id", text_of(message, "id"));
}

// `["a","b"]` of an explanation -> "a, b"
std::string listed(const std::string& list) {
  const json::value parsed = parse_json_value(list);
  return parsed.is_array() ? joined(parsed.as_array()) : list;
}

void show_rule(Terminal& terminal, const json::value& rule, std::size_t name_width) {
  const json::value& flag = member_of(rule, "matched");
  const bool matched = flag.is_bool() && flag.as_bool();
  const std::string failure = text_of(rule, "failure");
  const std::string path = text_of(rule, "failed_path");
  const Style style = !failure.empty() ? Style::bad : matched ? Style::good : Style::dim;
  const std::string word = !failure.empty() ? "failed " : matched ? "matched" : "no     ";
  const std::string name = printable(text_of(rule, "rule"));
  const bool other_event = !matched && path == "events";
  const std::string place = fmt::format("{}:{}", text_of(rule, "file"), number_of(rule, "line"));
  terminal.line(fmt::format(
      "  {}  {}{}  {}", terminal.styled(word, style),
      terminal.styled(name, matched ? Style::bold : Style::plain),
      std::string(name_width - display_width(name), ' '),
      terminal.styled(other_event ? "is for " + listed(text_of(rule, "expected")) : place,
                      Style::dim)));
  if (const std::string stop = text_of(rule, "stopped_by"); !stop.empty()) {
    terminal.line(fmt::format("           would match, but '{}' matched before it, and stops",
                              printable(stop)));
  } else if (!failure.empty()) {
    terminal.line("           " + printable(failure));
  } else if (!matched && !other_event) {
    terminal.line(fmt::format("           {} wants {}, saw {}", printable(path),
                              printable(text_of(rule, "expected")),
                              printable(text_of(rule, "actual"))));
  }
}

}  // namespace

std::string shown(const json::value& value) {
  if (const auto* text = value.if_string()) return {text->data(), text->size()};
  return json::serialize(value);
}

std::string joined(const json::array& texts) {
  std::string out;
  for (const json::value& each : texts) {
    if (!out.empty()) out += ", ";
    out += shown(each);
  }
  return out;
}

Style style_of_outcome(std::string_view outcome) noexcept {
  if (outcome == "accepted") return Style::good;
  return outcome == "no_match" || outcome == "duplicate" ? Style::warn : Style::bad;
}

void show_digest(Terminal& terminal, const json::value& digest) {
  std::string kinds;
  if (const auto* counts = member_of(digest, "by_kind").if_object()) {
    for (const auto& [kind, count] : *counts) {
      kinds += fmt::format("{}{} {}", kinds.empty() ? ": " : ", ", shown(count),
                           std::string_view{kind.data(), kind.size()});
    }
  }
  terminal.line(fmt::format("{} more{}", number_of(digest, "count"), printable(kinds)));
}

std::string age_of(std::string_view time, Time now) {
  const auto then = parse_time(time);
  if (!then) return {};
  const auto seconds = std::max<std::int64_t>(
      0, std::chrono::duration_cast<std::chrono::seconds>(now - *then).count());
  if (seconds < 60) return fmt::format("{}s", seconds);
  if (seconds < 60 * 60) return fmt::format("{}m", seconds / 60);
  if (seconds < 48 * 60 * 60) return fmt::format("{}h", seconds / (60 * 60));
  return fmt::format("{}d", seconds / (24 * 60 * 60));
}

void show_inbox(Terminal& terminal, const json::value& answer, Time now) {
  const auto count = [&](std::string_view key) { return number_of(answer, key); };
  std::string totals = fmt::format("{}: {} ready, {} leased, {} waiting", text_of(answer, "agent"),
                                   count("ready"), count("leased"), count("waiting"));
  if (count("dead") > 0) totals += fmt::format(", {} dead", count("dead"));
  terminal.heading(totals);
  std::vector<std::vector<Cell>> rows;
  for (const json::value& each : array_of(answer, "messages")) {
    const json::value& message = member_of(each, "message");
    const std::string state = text_of(each, "state");
    rows.push_back({{state, style_of_state(state)},
                    {kind_of(message), Style::bold},
                    {text_of(message, "subject"), Style::name},
                    {text_of(message, "taskid"), Style::plain},
                    {text_of(member_of(message, "data"), "summary"), Style::plain},
                    {age_of(text_of(message, "time"), now), Style::dim},
                    {text_of(message, "id"), Style::dim}});
  }
  if (rows.empty()) return;
  terminal.line();
  terminal.table({"STATE", "KIND", "WORK", "TASK", "SUMMARY", "AGE", "ID"}, rows, 4);
}

void show_dead(Terminal& terminal, const json::value& answer, Time now) {
  terminal.heading(fmt::format("{}: {} dead", text_of(answer, "agent"), number_of(answer, "dead")));
  std::vector<std::vector<Cell>> rows;
  for (const json::value& each : array_of(answer, "messages")) {
    const json::value& message = member_of(each, "message");
    rows.push_back({{kind_of(message), Style::bold},
                    {text_of(message, "subject"), Style::name},
                    {text_of(message, "taskid"), Style::plain},
                    {text_of(member_of(message, "data"), "summary"), Style::plain},
                    {age_of(text_of(message, "time"), now), Style::dim},
                    {text_of(message, "id"), Style::dim}});
  }
  if (rows.empty()) return;
  terminal.line();
  terminal.table({"KIND", "WORK", "TASK", "SUMMARY", "AGE", "ID"}, rows, 3);
}

void show_received(Terminal& terminal, const json::value& answer, Time now) {
  for (const json::value& each : array_of(answer, "messages")) {
    const json::value& message = member_of(each, "message");
    const auto deliveries = number_of(each, "deliveries");
    std::string remark = fmt::format("  {} ago", age_of(text_of(message, "time"), now));
    if (deliveries > 1) remark += fmt::format(", delivery {}", deliveries);
    show_message(terminal, message, remark);
    if (const auto whole = text_of(each, "reference"); !whole.empty()) {
      terminal.field("truncated", "the whole is at " + whole);
    }
    terminal.field("receipt", text_of(each, "receipt"));
    terminal.line();
  }
}

void show_explanation(Terminal& terminal, const json::value& answer) {
  const std::string outcome = text_of(answer, "outcome");
  terminal.line(fmt::format("{}  {}", terminal.styled(text_of(answer, "event"), Style::bold),
                            terminal.styled(outcome, style_of_outcome(outcome))));
  const std::string then = text_of(answer, "ruleset_then");
  const std::string today = text_of(answer, "ruleset_now");
  if (!then.empty() && then != today) {
    terminal.line(terminal.styled("  decided by other rules than those below, which are today's",
                                  Style::warn));
  }
  const auto& rules = array_of(answer, "rules");
  if (rules.empty()) terminal.line("  there are no rules");
  std::size_t name_width = 0;
  for (const json::value& rule : rules) {
    name_width = std::max(name_width, display_width(printable(text_of(rule, "rule"))));
  }
  for (const json::value& rule : rules) show_rule(terminal, rule, name_width);
  for (const json::value& message : array_of(answer, "messages")) {
    terminal.line();
    show_message(terminal, message, fmt::format("  to {}", text_of(message, "recipient")));
  }
}

void show_delivery(Terminal& terminal, const json::value& answer) {
  const std::string status = text_of(answer, "status");
  std::string head = terminal.styled(status, style_of_outcome(status)) + "  " +
                     terminal.styled(text_of(answer, "event"), Style::bold);
  if (const auto work = text_of(answer, "work"); !work.empty()) {
    head += "  " + terminal.styled(work, Style::name);
  }
  terminal.line(head);
  if (status == "duplicate") {
    terminal.field("outcome", text_of(answer, "outcome") + ", when it came first");
    return;
  }
  terminal.field("messages", std::to_string(number_of(answer, "messages")));
  if (const auto& rules = array_of(answer, "rules"); !rules.empty()) {
    terminal.field("rules", joined(rules));
  }
  for (const char* key : {"reason", "detail"}) {
    if (const auto text = text_of(answer, key); !text.empty()) terminal.field(key, text);
  }
}

}  // namespace signalbox
